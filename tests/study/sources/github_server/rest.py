"""Answers REST: repositories, issues, comments, organizations, limits and accounts."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from .world import Account, Remark, Repository, Thread, World, iso

NOT_FOUND: Final = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}


@dataclass(slots=True)
class Reply:
    """Status, body (None: empty) and headers of an answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def respond(world: World, address: str, *, token: str, base: str, etag: str | None) -> Reply:
    """Answer a GET; `address` is path and query below the API's root, `base` that root."""
    parts = urlsplit(address)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    with world.lock:
        for pattern, handler in _ROUTES:
            if found := re.fullmatch(pattern, parts.path):
                reply = handler(_Request(world, token, base, parts.path, query), *found.groups())
                break
        else:
            reply = Reply(404, NOT_FOUND)
    if reply.status == 200:
        digest = hashlib.sha256(json.dumps(reply.body, sort_keys=True).encode()).hexdigest()
        reply.headers["ETag"] = f'W/"{digest}"'
        if etag == reply.headers["ETag"]:
            return Reply(304, None, reply.headers)
    return reply


@dataclass(frozen=True, slots=True)
class _Request:
    world: World
    token: str
    base: str
    path: str
    query: Mapping[str, str]

    def number(self, name: str, default: int) -> int:
        value = self.query.get(name, "")
        return int(value) if value.isdigit() and int(value) > 0 else default

    def find(self, full: str) -> Repository | Reply:
        """Return a repository that the token may see, or how GitHub answers otherwise."""
        found = self.world.find(full)
        if found is None or (found.readers is not None and self.token not in found.readers):
            return Reply(404, NOT_FOUND)
        if found.full.lower() != full.lower():
            rest = self.path.split("/", 4)[4:]
            where = "/".join([f"{self.base}/repositories/{found.id}", *rest])
            where += f"?{urlencode(self.query)}" if self.query else ""
            return Reply(301, {"message": "Moved Permanently", "url": where}, {"Location": where})
        return found

    def page(self, items: list[Any], view: Callable[[Any], Any]) -> Reply:
        """Cut a page and say in the Link header where the others are."""
        size, page = min(100, self.number("per_page", 30)), self.number("page", 1)
        last = max(1, -(-len(items) // size))
        links = []
        for name, number in (("prev", page - 1), ("next", page + 1), ("last", last), ("first", 1)):
            inside = 1 <= number <= last
            if inside and ((name in ("prev", "first")) == (page > 1) or name == "next"):
                asked = urlencode({**self.query, "per_page": str(size), "page": str(number)})
                links.append(f'<{self.base}{self.path}?{asked}>; rel="{name}"')
        cut = items[(page - 1) * size : page * size]
        return Reply(200, [view(item) for item in cut], {"Link": ", ".join(links)} if links else {})


def _repository(request: _Request, owner: str, name: str) -> Reply:
    found = request.find(f"{owner}/{name}")
    return found if isinstance(found, Reply) else Reply(200, repository_body(found, request.base))


def _by_id(request: _Request, number: str, rest: str | None) -> Reply:
    found = request.world.by_id(int(number))
    if found is None:
        return Reply(404, NOT_FOUND)
    return (
        _issues(request, found.owner, found.name)
        if rest
        else _repository(request, found.owner, found.name)
    )


def _issues(request: _Request, owner: str, name: str) -> Reply:
    found = request.find(f"{owner}/{name}")
    if isinstance(found, Reply):
        return found
    if not found.has_issues:
        return Reply(410, {"message": "Issues are disabled for this repo"})
    query, state = request.query, request.query.get("state", "open")
    since = query.get("since", "").replace("+00:00", "Z")
    threads = [
        thread
        for thread in found.threads.values()
        if (state == "all" or (state == "open") == (thread.closed is None))
        and (iso(thread.updated) or "") >= since
    ]
    field = "updated" if query.get("sort") == "updated" else "created"
    threads.sort(
        key=lambda thread: (getattr(thread, field), thread.id),
        reverse=query.get("direction", "desc") == "desc",
    )
    return request.page(threads, lambda thread: issue_body(found, thread, request.base))


def _issue(request: _Request, owner: str, name: str, number: str) -> Reply:
    found = request.find(f"{owner}/{name}")
    if isinstance(found, Reply):
        return found
    thread, moved = found.threads.get(int(number)), found.gone.get(int(number))
    if thread is not None:
        return Reply(200, issue_body(found, thread, request.base))
    if moved:
        full, _, new = moved.partition("#")
        target = request.world.find(full)
        where = f"{request.base}/repos/{target.full if target else full}/issues/{new}"
        return Reply(301, {"message": "Moved Permanently", "url": where}, {"Location": where})
    if int(number) in found.gone:
        return Reply(410, {"message": "This issue was deleted"})
    return Reply(404, NOT_FOUND)


def _comments(request: _Request, owner: str, name: str, number: str) -> Reply:
    found = request.find(f"{owner}/{name}")
    if isinstance(found, Reply):
        return found
    thread = found.threads.get(int(number))
    if thread is None:
        return Reply(404, NOT_FOUND)
    return request.page(
        thread.remarks, lambda remark: comment_body(found, thread, remark, request.base)
    )


def _organization(request: _Request, owner: str) -> Reply:
    names = request.world.organizations.get(owner.lower())
    if names is None:
        return Reply(404, NOT_FOUND)
    found = [request.world.find(full) for full in names]
    seen = [r for r in found if r and (r.readers is None or request.token in r.readers)]
    return request.page(seen, lambda repository: repository_body(repository, request.base))


def _user(request: _Request) -> Reply:
    if not request.token:
        return Reply(401, {"message": "Requires authentication"})
    return Reply(200, _account(Account("viewer")))


def _named_user(_request: _Request, login: str) -> Reply:
    return Reply(200, _account(Account(login)))


def _user_organizations(_request: _Request, _login: str) -> Reply:
    return Reply(200, [])


_PLACE: Final = r"/repos/([^/]+)/([^/]+)"
_ROUTES: Final[tuple[tuple[str, Callable[..., Reply]], ...]] = (
    (_PLACE, _repository),
    (rf"{_PLACE}/issues", _issues),
    (rf"{_PLACE}/issues/(\d+)", _issue),
    (rf"{_PLACE}/issues/(\d+)/comments", _comments),
    (r"/repositories/(\d+)(/issues)?", _by_id),
    (r"/orgs/([^/]+)/repos", _organization),
    (r"/user", _user),
    (r"/users/([^/]+)", _named_user),
    (r"/users/([^/]+)/orgs", _user_organizations),
)


def repository_body(repository: Repository, base: str) -> dict[str, Any]:
    """Return a repository as REST shows it."""
    return {
        "id": repository.id,
        "name": repository.name,
        "full_name": repository.full,
        "private": repository.readers is not None,
        "html_url": f"https://github.com/{repository.full}",
        "url": f"{base}/repos/{repository.full}",
        "fork": repository.fork,
        "archived": repository.archived,
        "has_issues": repository.has_issues,
        "forks_count": 0,
    }


def issue_body(repository: Repository, thread: Thread, base: str) -> dict[str, Any]:
    """Return an issue or pull request as REST shows it in a list of issues."""
    url = f"{base}/repos/{repository.full}/issues/{thread.number}"
    kind = "pull" if thread.is_pull else "issues"
    body = {
        "id": thread.id,
        "node_id": f"I_{thread.id}",
        "number": thread.number,
        "url": url,
        "repository_url": f"{base}/repos/{repository.full}",
        "comments_url": f"{url}/comments",
        "html_url": f"https://github.com/{repository.full}/{kind}/{thread.number}",
        "title": thread.title,
        "body": thread.body or None,
        "user": _account(thread.author),
        "labels": [{"id": 1, "name": name, "color": "ededed"} for name in thread.labels],
        "state": "open" if thread.closed is None else "closed",
        "state_reason": thread.reason.lower() if thread.reason else None,
        "locked": thread.locked,
        "active_lock_reason": "resolved" if thread.locked else None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(thread.remarks),
        "created_at": iso(thread.created),
        "updated_at": iso(thread.updated),
        "closed_at": iso(thread.closed),
        "author_association": thread.association,
        "reactions": {"url": f"{url}/reactions", "total_count": 0},
    }
    if thread.is_pull:
        body["pull_request"] = {"url": f"{base}/repos/{repository.full}/pulls/{thread.number}"}
    return body


def comment_body(
    repository: Repository, thread: Thread, remark: Remark, base: str
) -> dict[str, Any]:
    """Return a comment as REST shows it."""
    url = f"{base}/repos/{repository.full}/issues/comments/{remark.id}"
    return {
        "id": remark.id,
        "url": url,
        "issue_url": f"{base}/repos/{repository.full}/issues/{thread.number}",
        "html_url": f"https://github.com/{repository.full}/issues/{thread.number}#issuecomment-{remark.id}",
        "user": _account(remark.author),
        "created_at": iso(remark.created),
        "updated_at": iso(remark.updated),
        "author_association": remark.association,
        "body": remark.body,
        "reactions": {"url": f"{url}/reactions", "total_count": 0},
    }


def _account(account: Account | None) -> dict[str, Any]:
    """Return an account; REST puts the user "ghost" where GraphQL has none."""
    shown = account or Account("ghost")
    return {"login": shown.login, "id": sum(shown.login.encode()), "type": shown.kind}
