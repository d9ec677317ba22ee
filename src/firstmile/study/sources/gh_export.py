"""Exports of `gh issue list --json ...` or `gh search issues --json ...`, also several in a row.

`files` are names or patterns relative to the study's folder; `repositories` takes only these,
and one alone stands for exports that hold no addresses. Ask gh for number, url, title, body,
author, labels, state, stateReason, createdAt, updatedAt, closedAt and comments.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.study.github.addresses import issue_url
from firstmile.study.github.payload import is_bot
from firstmile.study.issues import Comment, Issue, Page, Record
from firstmile.study.sources._files import FILE_KEYS, count_files, file_pages, file_targets
from firstmile.study.sources._shapes import (
    author_of,
    label_names,
    lowered,
    placing,
    text_of,
    utc,
)
from firstmile.study.sources.finding import Collecting

KEYS: Final = FILE_KEYS
KIND: Final = "gh-export"

_FETCHED_AT_MOST: Final = 100
"""Comments of one issue that `gh issue list` asks for; it does not say how many there are."""


def targets(collecting: Collecting) -> Sequence[str]:
    """Return the files; raises UserError."""
    return file_targets(collecting)


def pages(target: str, state: Mapping[str, Any] | None, collecting: Collecting) -> Iterator[Page]:
    """Yield pages of issues, going on after `state`; raises UserError."""
    return file_pages(
        target, state, collecting, placing(collecting.options), kind=KIND, remark=_remark
    )


def count(targets: Sequence[str], collecting: Collecting) -> Mapping[str, int | None]:
    """Return how many issues the files hold, each once; raises UserError."""
    return count_files(targets, collecting, placing(collecting.options), kind=KIND)


def issue(record: Record, fetched_at: str) -> Issue | None:
    """Return the issue of an archived record, None for a pull request."""
    value = record.payload
    if value.get("isPullRequest") is True:
        return None
    listed = value.get("comments")
    comments = _comments(listed if isinstance(listed, list) else ())
    counted = value.get("commentsCount")
    return Issue(
        origin="gh-export",
        repository=record.repository,
        number=record.number,
        url=issue_url(record.repository, record.number, text_of(value, "url")),
        title=text_of(value, "title") or "",
        body=text_of(value, "body") or "",
        state=(text_of(value, "state") or "open").lower(),
        state_reason=lowered(value, "stateReason"),
        labels=label_names(value.get("labels")),
        author=author_of(value, "author"),
        by_bot=is_bot(value.get("author")),
        association=text_of(value, "authorAssociation"),
        created_at=utc(text_of(value, "createdAt")),
        updated_at=utc(text_of(value, "updatedAt")),
        closed_at=utc(text_of(value, "closedAt")),
        locked=value.get("isLocked") is True,
        comments=comments,
        missing_comments=max(0, counted - len(comments)) if isinstance(counted, int) else 0,
        fetched_at=fetched_at,
    )


def _comments(values: Sequence[Any]) -> tuple[Comment, ...]:
    read = [
        Comment(
            body=text_of(value, "body") or "",
            author=author_of(value, "author"),
            by_bot=is_bot(value.get("author")),
            association=text_of(value, "authorAssociation"),
            created_at=utc(text_of(value, "createdAt")),
            updated_at=utc(text_of(value, "updatedAt")),
        )
        for value in values
        if isinstance(value, Mapping)
    ]
    return tuple(sorted(read, key=lambda comment: comment.created_at or ""))


def _remark(value: Mapping[str, Any]) -> str | None:
    comments = value.get("comments")
    if not isinstance(comments, list):
        return (
            "came without comments, so raters read their descriptions alone: ask gh for comments "
            "as well"
        )
    if len(comments) == _FETCHED_AT_MOST:
        return "came with 100 comments, the most that gh exports, so that later ones may be missing"
    return None
