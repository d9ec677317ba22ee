"""Exports of Perceval's GitHub backend (category issue): items one a line or one after another.

`files` are names or patterns relative to the study's folder; `repositories` takes only these.
An item that Perceval collected several times counts as it was the last time.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.study.issues import Issue, Page, Record
from firstmile.study.sources._files import FILE_KEYS, Placed, count_files, file_pages, file_targets
from firstmile.study.sources._shapes import issue_from_rest, placed_by_address
from firstmile.study.sources.finding import Collecting

KEYS: Final = FILE_KEYS
KIND: Final = "perceval-export"


def targets(collecting: Collecting) -> Sequence[str]:
    """Return the files; raises UserError."""
    return file_targets(collecting)


def pages(target: str, state: Mapping[str, Any] | None, collecting: Collecting) -> Iterator[Page]:
    """Yield pages of issues, going on after `state`; raises UserError."""
    return file_pages(target, state, collecting, _place, kind=KIND)


def count(targets: Sequence[str], collecting: Collecting) -> Mapping[str, int | None]:
    """Return how many issues the files hold, each once; raises UserError."""
    return count_files(targets, collecting, _place, kind=KIND)


def issue(record: Record, fetched_at: str) -> Issue | None:
    """Return the issue of an archived record, None for a pull request."""
    data = record.payload.get("data")
    if not isinstance(data, Mapping) or data.get("pull_request"):
        return None
    comments = data.get("comments_data")
    return issue_from_rest(
        data,
        origin="perceval-export",
        repository=record.repository,
        number=record.number,
        fetched_at=fetched_at,
        comments=comments if isinstance(comments, list) else (),
    )


def _place(value: Mapping[str, Any]) -> Placed | None:
    data = value.get("data")
    if not isinstance(data, Mapping):
        return None
    placed = placed_by_address(data)
    if placed is None:
        return None
    is_issue = value.get("category", "issue") == "issue"
    return placed._replace(is_pull_request=placed.is_pull_request or not is_issue)
