"""What an analysis is, and how the analyses are found and run."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any, Protocol, cast

from firstmile.rendering.document import Figure, Grid
from firstmile.study.counts import Counts, NotKnown
from firstmile.study.settings import Settings


class Chapter(StrEnum):
    """Where an analysis stands in the report, in this order."""

    SHARES = "What fails, and why"
    ASSOCIATION = "How symptoms and causes go together"
    SERIES = "Across model series"
    STAGE = "Across lifecycle stages"
    VERSIONS = "Across versions and time"
    REPOSITORIES = "Repositories, architecture and status"
    ROBUSTNESS = "How far the conclusions carry"


class Analysis(Protocol):
    """A module of `analyses/`: its docstring is the question it answers.

    `compute` raises NotKnown where the source lacks what it needs. In `sentences` no number is
    typed: every one comes out of the result. `EXAMPLE` is worked by hand in the contract test.
    """

    __name__: str
    __doc__: str | None
    HEADING: str
    CHAPTER: Chapter
    PLACE: int
    compute: Callable[[Counts, Settings], Any]
    sentences: Callable[[Any], tuple[str, ...]]
    grids: Callable[[Any], tuple[Grid, ...]]
    figures: Callable[[Any], tuple[Figure, ...]]
    EXAMPLE: "Example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A tiny worked example: counts, and what `check` says of the result (True: as by hand)."""

    counts: Counts
    check: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an analysis: its result, or why there is none."""

    id: str
    analysis: Analysis
    result: Any = None
    missing: str | None = None


def analysis_id(analysis: Analysis) -> str:
    """Return the file name, which is the id."""
    return analysis.__name__.rpartition(".")[2]


def question(analysis: Analysis) -> str:
    """Return the first paragraph of the docstring."""
    return " ".join((analysis.__doc__ or "").strip().split("\n\n")[0].split())


def find_analyses() -> Iterator[Analysis]:
    """Yield the modules of `analyses/` in the report's order."""
    package = importlib.import_module("firstmile.study.analyses")
    found = [
        cast("Analysis", importlib.import_module(f"{package.__name__}.{item.name}"))
        for item in pkgutil.iter_modules(_path(package))
        if not item.name.startswith("_")
    ]
    chapters = list(Chapter)
    yield from sorted(found, key=lambda a: (chapters.index(a.CHAPTER), a.PLACE, a.HEADING))


def run_analyses(
    counts: Counts,
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda _heading: None,
    done: Callable[[Outcome], None] = lambda _outcome: None,
) -> Mapping[str, Outcome]:
    """Run every analysis; one that lacks its data says so and stops no other.

    `done` is told of each at once, so that its figures can be drawn while the next one runs.
    """
    outcomes: dict[str, Outcome] = {}
    for analysis in find_analyses():
        progress(analysis.HEADING)
        name = analysis_id(analysis)
        try:
            outcomes[name] = Outcome(
                id=name, analysis=analysis, result=analysis.compute(counts, settings)
            )
        except NotKnown as reason:
            outcomes[name] = Outcome(id=name, analysis=analysis, missing=str(reason))
        done(outcomes[name])
    return outcomes


def _path(package: ModuleType) -> list[str]:
    return list(package.__path__)
