"""What was read: enough to read it again and to see that it is the same."""

from dataclasses import dataclass
from typing import Literal

from firstmile.findings import Finding
from firstmile.study.failures import Failures

Kind = Literal["folder", "zip", "file", "study.toml", "url", "embedded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """One file that was read; `name` is relative to the source, `sha256` of the bytes read."""

    name: str
    sha256: str
    bytes: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where failures come from.

    `name` is the source's base name (no folder of the reader's machine). `sha256` and `bytes`
    are those of the archive or download, None where the source is a folder. `url` has neither
    query nor fragment, which may hold secrets; `fetched_at` is an ISO 8601 time in UTC, or the
    day of the snapshot where the figures are embedded.
    """

    kind: Kind
    name: str
    format: str
    files: tuple[ReadFile, ...]
    records: int
    sha256: str | None = None
    bytes: int | None = None
    url: str | None = None
    fetched_at: str | None = None
    from_cache: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reading:
    """Failures, what is doubtful about them, and where they come from.

    `is_published_set` says that they are those of the published set itself.
    """

    failures: Failures
    findings: tuple[Finding, ...]
    provenance: Provenance
    is_published_set: bool = False
