"""What every source offers, and how sources are found."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, cast

from firstmile.errors import UserError
from firstmile.study.issues import Issue, Page, Record
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted

NOT_SOURCES: Final = ("finding",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """What a source is told besides its target.

    `folder` is the study's folder, against which relative paths are read. `since` and `until`
    bound the day an issue was opened (both included). `full` asks for a pass over everything,
    to notice deletions. `credentials` are tokens, never stored or shown. `options` are the
    source's own keys of the study.toml. `say` takes one line of progress.
    """

    folder: Path
    since: date | None = None
    until: date | None = None
    full: bool = False
    credentials: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    say: Callable[[str], None] = lambda _line: None


class Source(Protocol):
    """A module in this folder; its docstring says in one line what it reads.

    `KEYS` maps the keys of its table in a study.toml to whether each is needed.
    """

    KEYS: Mapping[str, bool]

    def targets(self, collecting: Collecting) -> Sequence[str]:
        """Return what is to be collected, one name each; raises UserError for a bad table."""

    def pages(
        self, target: str, state: Mapping[str, Any] | None, collecting: Collecting
    ) -> Iterator[Page]:
        """Yield pages of a target, going on after `state` (None for the first time).

        Ends after a page that is `done`. Raises UserError with one sentence where it cannot go
        on; whatever was yielded before stays valid.
        """

    # A source that can count without collecting also offers
    # count(targets, collecting) -> Mapping[str, int | None]; one whose targets are a repository
    # each, whatever its name is at the time, says TARGET_IS_REPOSITORY = True. One that joins an
    # issue from several records offers merge(records, fetched_at) -> Issue | None, and
    # parts(record) -> frozenset[str]: what a record tells of, so that nothing counts twice.

    def issue(self, record: Record, fetched_at: str) -> Issue | None:
        """Return the issue of an archived record; None where it is no issue (a pull request)."""


@cache
def find_sources() -> Mapping[str, Source]:
    """Return the sources by id; an id is the file's name with hyphens."""
    import firstmile.study.sources as package

    names = [m.name for m in pkgutil.iter_modules(package.__path__) if m.name not in NOT_SOURCES]
    return {
        name.replace("_", "-"): cast(Source, importlib.import_module(f"{package.__name__}.{name}"))
        for name in sorted(names)
        if not name.startswith("_")
    }


def find_source(kind: str) -> Source:
    """Return a source by its id; raises UserError naming the nearest otherwise."""
    sources = find_sources()
    if kind not in sources:
        raise UserError(
            f"There is no source {quoted(kind)}; it can be {', '.join(sources)}"
            f"{nearest(kind, sources)}."
        )
    return sources[kind]
