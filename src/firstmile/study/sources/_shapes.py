"""Issues in the shape of GitHub's REST API, which most exports and event files share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from firstmile.study.github.addresses import issue_url, read_address
from firstmile.study.github.payload import is_bot
from firstmile.study.issues import Comment, Issue
from firstmile.study.sources._files import Placed


def placed_by_address(value: Mapping[str, Any], only: str | None = None) -> Placed | None:
    """Return where an issue belongs by its address; by its number where there is one repository.

    `only` is the one repository that a study wants, for exports that don't name it.
    """
    created = text_of(value, "created_at") or text_of(value, "createdAt")
    is_pull = bool(value.get("pull_request")) or value.get("isPullRequest") is True
    for key in ("html_url", "url"):
        if found := read_address(text_of(value, key)):
            pull = is_pull or found.is_pull_request
            return Placed(found.repository, found.number, utc(created), pull)
    number = value.get("number")
    if only and isinstance(number, int) and 0 < number < 10**12:
        return Placed(only, number, utc(created), is_pull)
    return None


def only_repository(options: Mapping[str, Any]) -> str | None:
    """Return the repository of a table that names one."""
    listed = options.get("repositories")
    return str(listed[0]) if isinstance(listed, list) and len(listed) == 1 else None


def placing(options: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Placed | None]:
    """Return how a source's issues are placed, by the repositories that its table names."""
    return partial(placed_by_address, only=only_repository(options))


def issue_from_rest(
    value: Mapping[str, Any],
    *,
    origin: str,
    repository: str,
    number: int,
    fetched_at: str,
    comments: Iterable[Any] | None = None,
) -> Issue:
    """Return the issue of a payload shaped like the API's.

    `comments` are those beside the payload; otherwise they are its own `comments`, where that is
    a list. Where it is a count, what is not there counts as missing.
    """
    said = value.get("comments")
    listed = comments if comments is not None else (said if isinstance(said, list) else ())
    read = comments_from(listed)
    expected = said if isinstance(said, int) and not isinstance(said, bool) else 0
    return Issue(
        origin=origin,
        repository=repository,
        number=number,
        url=issue_url(repository, number, text_of(value, "html_url"), text_of(value, "url")),
        title=text_of(value, "title") or "",
        body=text_of(value, "body") or "",
        state=(text_of(value, "state") or "open").lower(),
        state_reason=lowered(value, "state_reason"),
        labels=label_names(value.get("labels")),
        author=author_of(value, "user", "author"),
        by_bot=is_bot(value.get("user") or value.get("author")),
        association=text_of(value, "author_association"),
        created_at=utc(text_of(value, "created_at")),
        updated_at=utc(text_of(value, "updated_at")),
        closed_at=utc(text_of(value, "closed_at")),
        locked=value.get("locked") is True,
        comments=read,
        missing_comments=max(0, expected - len(read)),
        fetched_at=fetched_at,
    )


def comments_from(values: Iterable[Any]) -> tuple[Comment, ...]:
    """Return comments in the order they were written."""
    read = [
        Comment(
            body=text_of(value, "body") or "",
            author=author_of(value, "user", "author"),
            by_bot=is_bot(value.get("user") or value.get("author")),
            association=text_of(value, "author_association"),
            created_at=utc(text_of(value, "created_at")),
            updated_at=utc(text_of(value, "updated_at")),
        )
        for value in values
        if isinstance(value, Mapping)
    ]
    return tuple(sorted(read, key=lambda comment: comment.created_at or ""))


def text_of(value: Mapping[str, Any], key: str) -> str | None:
    """Return a text, None where there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else None


def lowered(value: Mapping[str, Any], key: str) -> str | None:
    """Return a text in lower case, None where there is none."""
    found = text_of(value, key)
    return found.lower() if found else None


def login_of(value: Any) -> str | None:
    """Return the name of an account, None where it is gone."""
    if isinstance(value, Mapping):
        value = value.get("login")
    return value if isinstance(value, str) and value else None


def author_of(value: Mapping[str, Any], *keys: str) -> str | None:
    """Return who wrote something: None where the account is gone, "" where nothing says who.

    GitHub gives null for a deleted account; an export that lacks the key says nothing of it.
    """
    said = [value[key] for key in keys if key in value]
    named = next((login for one in said if (login := login_of(one))), None)
    if named is not None:
        return named
    is_gone = any(one is None or (isinstance(one, Mapping) and "login" in one) for one in said)
    return None if is_gone else ""


def label_names(value: Any) -> tuple[str, ...]:
    """Return the labels of an issue, given as texts or as objects with a name."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    names = (item.get("name") if isinstance(item, Mapping) else item for item in value)
    return tuple(name for name in names if isinstance(name, str) and name)


def utc(written: str | None) -> str | None:
    """Return a time as ISO 8601 in UTC to the second, None where it is none."""
    if not written:
        return None
    if len(written) == 20 and written.endswith("Z"):
        return written
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        return None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
