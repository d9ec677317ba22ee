"""Issues as they were collected: one with its comments, and the record it was read from."""

from collections.abc import Mapping
from typing import Any

import msgspec

from firstmile.errors import UserError


class TargetMissingError(UserError):
    """One target cannot be had, such as a repository that is gone; the others can."""


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One comment; `author` is a pseudonym, None where the account is gone, empty where the
    source does not say.

    `by_bot` says that the author is a program, as far as the source tells.
    """

    body: str
    author: str | None = None
    by_bot: bool = False
    association: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One issue with all of its comments, redacted.

    `origin` is the id of the source that it came from, `repository` owner/name as the
    archive first had it, `url` the issue's address and its key everywhere. Times are ISO 8601
    in UTC.
    `state_reason` is why it was closed, `duplicate_of` and `transferred_to` addresses.
    `missing_comments` counts those the source did not hold. `by_bot` is as in `Comment`.
    """

    origin: str
    repository: str
    number: int
    url: str
    title: str
    body: str = ""
    state: str = "open"
    state_reason: str | None = None
    labels: tuple[str, ...] = ()
    author: str | None = None
    by_bot: bool = False
    association: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None
    locked: bool = False
    duplicate_of: str | None = None
    transferred_to: str | None = None
    deleted: bool = False
    comments: tuple[Comment, ...] = ()
    missing_comments: int = 0
    fetched_at: str | None = None

    @property
    def thread(self) -> str:
        """The whole thread as one text, title first."""
        return "\n\n".join([self.title, self.body, *(comment.body for comment in self.comments)])

    @property
    def participants(self) -> frozenset[str]:
        """The people who wrote in the thread, by their pseudonyms; bots are none."""
        written: tuple[Issue | Comment, ...] = (self, *self.comments)
        return frozenset(one.author for one in written if one.author and not one.by_bot)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a source said of one issue, in the source's own shape.

    `payload` is as received until `privacy.protect` has gone over it; only then is it archived.
    """

    repository: str
    number: int
    payload: Mapping[str, Any]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one step of collecting brought: whole issues, and where to go on.

    `target` names what is being collected (a repository, an hour file). `state` is the source's
    own note, handed back to it when it goes on; it is stored with the records in one write, so
    that no page is lost or taken twice. `done` says that the pass over the target ended here.
    `deleted` are numbers of issues that a full pass no longer found. `warnings` are sentences
    for the user, such as a repository that is gone.
    """

    target: str
    records: tuple[Record, ...] = ()
    state: Mapping[str, Any]
    done: bool = False
    deleted: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    requests: int = 0
    bytes: int = 0
    expected: int | None = None
