"""Where issues come from: one module a source, found by its folder.

A source module offers `KEYS` (the keys of its table in a study.toml, with whether each is
needed), `targets(table, folder)` (what is to be collected, one name each), `pages(target, ...)`
(a generator of `Page`s that goes on from a stored state), and `issue(record, fetched_at)` (the
`Issue` of an archived record, without network).
"""

from firstmile.study.sources.finding import Collecting, Source, find_source, find_sources

__all__ = ["Collecting", "Source", "find_source", "find_sources"]
