"""From a node of GitHub's GraphQL API to an issue; pure, so that an archive can be replayed."""

from collections.abc import Mapping
from typing import Any, Final

from firstmile.study.github.addresses import issue_url
from firstmile.study.issues import Comment, Issue, Record

ORIGIN: Final = "github"
BOT: Final = "[bot]"


def read_issue(record: Record, fetched_at: str) -> Issue:
    """Return the issue of an archived record."""
    node = record.payload
    comments = node.get("comments")
    entries = nodes(comments)
    total = comments.get("totalCount") if isinstance(comments, Mapping) else None
    return Issue(
        origin=ORIGIN,
        repository=record.repository,
        number=record.number,
        url=issue_url(record.repository, record.number, text(node, "url")),
        title=text(node, "title") or "",
        body=text(node, "body") or "",
        state=(text(node, "state") or "open").lower(),
        state_reason=lowered(node, "stateReason"),
        labels=tuple(name for label in nodes(node.get("labels")) if (name := text(label, "name"))),
        author=login(node),
        by_bot=is_bot(node.get("author")),
        association=text(node, "authorAssociation"),
        created_at=text(node, "createdAt"),
        updated_at=text(node, "updatedAt"),
        closed_at=text(node, "closedAt"),
        locked=node.get("locked") is True,
        duplicate_of=duplicate_of(node),
        comments=tuple(
            Comment(
                body=text(entry, "body") or "",
                author=login(entry),
                by_bot=is_bot(entry.get("author")),
                association=text(entry, "authorAssociation"),
                created_at=text(entry, "createdAt"),
                updated_at=text(entry, "updatedAt"),
            )
            for entry in entries
        ),
        missing_comments=max(0, total - len(entries)) if isinstance(total, int) else 0,
        fetched_at=fetched_at,
    )


def duplicate_of(node: Mapping[str, Any]) -> str | None:
    """Return the address of what an issue is marked as a duplicate of, after all marks."""
    found: str | None = None
    for event in nodes(node.get("timelineItems")):
        kind = event.get("__typename")
        if kind == "MarkedAsDuplicateEvent":
            found = text(event.get("canonical"), "url") or found
        elif kind == "UnmarkedAsDuplicateEvent":
            gone = text(event.get("canonical"), "url")
            found = None if gone is None or gone == found else found
    return found


def nodes(connection: Any) -> list[Mapping[str, Any]]:
    """Return what a connection holds, without the holes."""
    found = connection.get("nodes") if isinstance(connection, Mapping) else None
    if not isinstance(found, list | tuple):
        return []
    return [node for node in found if isinstance(node, Mapping)]


def text(node: Any, key: str) -> str | None:
    """Return a text of a mapping, None where there is none."""
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, str) else None


def lowered(node: Mapping[str, Any], key: str) -> str | None:
    """Return a name of an enumeration in the small letters that REST writes it in."""
    value = text(node, key)
    return value.lower() if value else None


def login(node: Mapping[str, Any]) -> str | None:
    """Return who wrote it, None where the account is gone."""
    return text(node.get("author"), "login")


def is_bot(account: Any) -> bool:
    """Whether an account is a program's, however an API or an export says so.

    GraphQL says so by `__typename`, REST by `type`, `gh` by `is_bot`, all older data by the
    name's end alone. `privacy.protect` keeps the mark where the name becomes a pseudonym.
    """
    if isinstance(account, str):
        return account.endswith(BOT)
    if not isinstance(account, Mapping):
        return False
    name = account.get("login")
    return (
        "Bot" in (account.get("__typename"), account.get("type"))
        or account.get("is_bot") is True
        or (isinstance(name, str) and name.endswith(BOT))
    )
