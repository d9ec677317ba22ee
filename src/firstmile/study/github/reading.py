"""Reads issues whole: a page of them with all their comments, one by its number, all numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.github.client import Client
from firstmile.study.github.errors import BAD_CURSOR, CursorLostError, GraphQLProblem, PassingError
from firstmile.study.github.numbers import HIGHEST
from firstmile.study.github.payload import nodes, text
from firstmile.study.github.queries import ISSUES, NUMBERS, ONE_ISSUE, more_comments
from firstmile.study.github.sizes import PageSize

AT_ONCE: Final = 10
"""Issues whose further comments are asked for in one request."""

_PATIENT: Final = 3
"""Holes in a row, with nothing less to ask for, after which one is accepted."""

_HARMLESS: Final = frozenset({"author", "canonical", "fromRepository"})
"""Parts that may be missing for good: an account that is gone, an issue that is private."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """One page of a list of issues.

    `cursor` is where the next begins, None on the last; `holes` counts issues that GitHub could
    not read.
    """

    repository: str
    issues: tuple[dict[str, Any], ...]
    cursor: str | None
    total: int
    holes: int = 0


@dataclass(slots=True)
class Reader:
    """Asks for issues of one repository, in pages that GitHub can bear."""

    client: Client
    owner: str
    name: str
    size: PageSize = field(default_factory=PageSize)

    def issues(self, order: str, since: str | None, after: str | None) -> IssuePage:
        """Return the next page, oldest first by `order`, of those updated from `since` on."""

        def variables() -> dict[str, Any]:
            filters = {"filter": {"since": since}} if since else {}
            return {
                "first": self.size.issues,
                "comments": self.size.comments,
                "after": after,
                "order": order,
                **filters,
            }

        repository, holes = self._repository(ISSUES, variables)
        found = _connection(repository.get("issues"))
        cursor = _further(_next(found["pageInfo"]), after)
        issues = [_issue(node) for node in nodes(found)]
        self._complete(issues)
        return IssuePage(
            repository=_name(repository),
            issues=tuple(issues),
            cursor=cursor,
            total=_count(found.get("totalCount")),
            holes=holes,
        )

    def issue(self, number: int) -> tuple[str, dict[str, Any]] | None:
        """Return the repository's name and one issue, None where there is none of the number."""

        def variables() -> dict[str, Any]:
            return {"number": number, "comments": self.size.comments}

        repository, _ = self._repository(ONE_ISSUE, variables)
        node = repository.get("issue")
        if not isinstance(node, Mapping):
            return None
        issue = _issue(node)
        self._complete([issue])
        return _name(repository), issue

    def numbers(self, after: str | None) -> IssuePage:
        """Return the next hundred numbers, with the days on which they were opened."""
        repository, holes = self._repository(NUMBERS, lambda: {"after": after})
        found = _connection(repository.get("issues"))
        cursor = _further(_next(found["pageInfo"]), after)
        return IssuePage(
            repository=_name(repository),
            issues=tuple(
                {"number": _number(node.get("number")), "createdAt": text(node, "createdAt") or ""}
                for node in nodes(found)
            ),
            cursor=cursor,
            total=_count(found.get("totalCount")),
            holes=holes,
        )

    def _repository(
        self, query: str, variables: Callable[[], dict[str, Any]]
    ) -> tuple[Mapping[str, Any], int]:
        """Ask until the answer is whole; holes are accepted where asking for less leaves them."""
        stubborn = 0

        def once() -> tuple[Mapping[str, Any], int]:
            nonlocal stubborn
            given = {"owner": self.owner, "name": self.name, **variables()}
            data, problems = self.client.graphql(query, given)
            holes = [problem for problem in problems if not _harmless(problem)]
            if holes:
                stubborn += self.size.least or "first" not in given
                if any(problem.type == BAD_CURSOR for problem in holes):
                    raise CursorLostError
                if stubborn <= _PATIENT:
                    raise PassingError("answers in part only", heavy=True)
            repository = data.get("repository")
            if not isinstance(repository, Mapping):
                raise PassingError("sends answers of no use")
            return repository, len(holes)

        found = self.client.persist(once, self._ease)
        self.size.succeeded()
        return found

    def _complete(self, issues: Sequence[dict[str, Any]]) -> None:
        """Fetch the comments that did not fit, for some issues at once."""
        waiting = [issue for issue in issues if _after(issue)]
        while waiting:
            batch = waiting[:AT_ONCE]
            self._next_comments(batch)
            waiting = [issue for issue in waiting if _after(issue)]
        for issue in issues:
            issue["comments"].pop("pageInfo", None)

    def _next_comments(self, batch: Sequence[dict[str, Any]]) -> None:
        """Fetch one page of comments for each issue, for fewer of them after each trouble."""
        size = len(batch)

        def once() -> tuple[Mapping[str, Any], Sequence[dict[str, Any]]]:
            asked = batch[:size]
            variables: dict[str, Any] = {"first": self.size.comments}
            for place, issue in enumerate(asked):
                variables |= {f"id{place}": issue["id"], f"after{place}": _after(issue)}
            data, problems = self.client.graphql(more_comments(range(len(asked))), variables)
            for problem in problems:
                gone = problem.type == "NOT_FOUND" and len(problem.path) == 1
                if not gone and not _harmless(problem):
                    raise PassingError("answers in part only", heavy=True)
            return data, asked

        def ease(trouble: PassingError) -> None:
            nonlocal size
            if size > 1:
                size = max(1, size // 2)
            else:
                self._ease(trouble)

        data, asked = self.client.persist(once, ease)
        for place, issue in enumerate(asked):
            part = data.get(f"issue{place}")
            comments = issue["comments"]
            if not isinstance(part, Mapping):
                comments["pageInfo"] = {}
                continue
            more = _connection(part.get("comments"))
            comments["nodes"].extend(nodes(more))
            comments["totalCount"] = more.get("totalCount")
            stuck = _next(more["pageInfo"]) == _after(issue)
            comments["pageInfo"] = {} if stuck else more["pageInfo"]

    def _ease(self, trouble: PassingError) -> None:
        if trouble.heavy:
            self.size.ease()


def _harmless(problem: GraphQLProblem) -> bool:
    return (
        "timelineItems" in problem.path
        or not _HARMLESS.isdisjoint(problem.path[-1:])
        or (problem.type == "NOT_FOUND" and problem.path == ("repository", "issue"))
    )


def _issue(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return an issue of an answer with its comments as a list that can grow."""
    issue = dict(node)
    issue["number"] = _number(node.get("number"))
    comments = _connection(node.get("comments"))
    issue["comments"] = {
        "totalCount": comments.get("totalCount"),
        "pageInfo": comments["pageInfo"],
        "nodes": nodes(comments),
    }
    if not all(isinstance(issue.get(key), str) for key in ("id", "createdAt", "updatedAt")):
        raise UserError("GitHub sends an issue without an id or a time; try again later.")
    return issue


def _after(issue: Mapping[str, Any]) -> str | None:
    return _next(issue["comments"]["pageInfo"])


def _next(page: Mapping[str, Any]) -> str | None:
    """Return where the next page begins, None where there is none."""
    return text(page, "endCursor") if page.get("hasNextPage") is True else None


def _further(cursor: str | None, before: str | None) -> str | None:
    """Return a cursor that leads on; raises UserError for one that leads nowhere."""
    if cursor is not None and cursor == before:
        raise UserError("GitHub sends the same page again and again; try again later.")
    return cursor


def _connection(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping) or not isinstance(found.get("pageInfo"), Mapping):
        raise UserError("GitHub sends a list of another shape than documented; try again later.")
    return found


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= HIGHEST:
        return value
    raise UserError("GitHub sends an issue without a usable number; try again later.")


def _name(repository: Mapping[str, Any]) -> str:
    return text(repository, "nameWithOwner") or ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
