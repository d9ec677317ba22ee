"""Where a labelled set came from."""

import msgspec


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read."""

    name: str
    sha256: str
    bytes: int
    records: int


class SourceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where the failures came from; `files` is empty for the embedded figures.

    `chosen` says why the failures are no sample of any, where they were chosen for what they show:
    no claim is judged by them. `is_published_set` says that the source has the layout in which
    the study was published.
    `fetched_at` is when a download was fetched (ISO 8601, UTC), `from_cache` whether it was then
    read from the cache, which a report says rather than fetching again.
    """

    name: str
    format: str
    has_rows: bool
    is_published_set: bool = False
    chosen: str | None = None
    url: str | None = None
    fetched_at: str | None = None
    from_cache: bool = False
    files: tuple[SourceFile, ...] = ()
