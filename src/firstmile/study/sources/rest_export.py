"""Exports in the shape of GitHub's REST API: a JSON list or JSON Lines, also gzip.

`files` are names or patterns relative to the study's folder; `repositories` takes only these.
Comments are read where the export holds them as a list, as `comments` or, beside a count, as
`comments_data`; a count alone tells how many are missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.study.issues import Issue, Page, Record
from firstmile.study.sources._files import FILE_KEYS, count_files, file_pages, file_targets
from firstmile.study.sources._shapes import issue_from_rest, placing
from firstmile.study.sources.finding import Collecting

KEYS: Final = FILE_KEYS
KIND: Final = "rest-export"


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
    if value.get("pull_request"):
        return None
    beside = value.get("comments_data")
    return issue_from_rest(
        value,
        origin="rest-export",
        repository=record.repository,
        number=record.number,
        fetched_at=fetched_at,
        comments=beside if isinstance(beside, list) else None,
    )


def _remark(value: Mapping[str, Any]) -> str | None:
    said, beside = value.get("comments"), value.get("comments_data")
    if isinstance(said, list) or not isinstance(said, int) or said <= 0:
        return None
    if isinstance(beside, list) and beside:
        return None
    return (
        "came with a count in place of comments, so raters read their descriptions alone: put the "
        "list that GitHub's API gives at /issues/<number>/comments into each as "
        '"comments_data", or collect with kind = "github"'
    )
