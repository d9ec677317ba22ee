"""Studies that were screened, whose raters decide in one line."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from firstmile.study.decisions import Decisions, LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Funnel, Place
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import AUDIT, make_overview
from firstmile.study.screening.recall import RecallBound
from firstmile.study.screening_run import (
    audit_bound,
    freeze_ranking,
    recall_sentences,
)
from ui.web.studies import AT, DESIGN, make, url_of

NUMBERS = itertools.count(1)
IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")
OTHER = "acme/other"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
BOTH = ("ada", "ben")


def reports(
    count: int, *, first: int = 0, what: str = "CUDA error"
) -> Sequence[tuple[str, str, Sequence[tuple[str, str]]]]:
    """Return reports that pass the keywords, no two of them alike."""
    return [
        (
            f"{what} {n} of weird{n * 7919}",
            " ".join(f"word{n * 31 + place * 104_729}" for place in range(12)),
            (),
        )
        for n in range(first, first + count)
    ]


class Screen:
    """A study whose raters decide in one line."""

    def __init__(self, folder: StudyFolder, decisions: Decisions) -> None:
        self.folder = folder
        self.decisions = decisions

    def decide(
        self,
        number: int,
        step: Step,
        raters: Sequence[str],
        value: ScreenValue | LabelValue | None,
        *,
        repository: str = "acme/engine",
    ) -> None:
        self.say(url_of(number, repository), step, raters, value)

    def say(
        self, url: str, step: Step, raters: Sequence[str], value: ScreenValue | LabelValue | None
    ) -> None:
        for rater in raters:
            self.decisions.append(
                url, step, rater, value, codebook="1.0.0", at=AT, key=f"k{next(NUMBERS)}"
            )

    def freeze(self) -> list[str]:
        freeze_ranking(self.folder, self.decisions, at=NOW)
        return list(self.decisions.events(AUDIT)[-1].data["issues"])

    def funnel(self) -> Funnel:
        return make_overview(self.folder, self.decisions).funnel

    def place(self, number: int, repository: str = "acme/engine") -> Place:
        return self.funnel().standings[url_of(number, repository)].place

    def bound(self) -> RecallBound | None:
        return audit_bound(self.folder, self.decisions, self.funnel())

    def said(self) -> str:
        return " ".join(recall_sentences(self.folder, self.decisions, self.funnel()))


@contextlib.contextmanager
def ten_issues(folder_above: Path) -> Iterator[Screen]:
    """Yield a study of ten issues; both raters keep 1 and 2, verified, and throw 3 to 8 out."""
    design = f"{DESIGN}[screen]\naudit = 4\n"
    folder = make(folder_above / "study", reports(10), design=design)
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        for number in range(1, 9):
            made.decide(number, Step.SCREEN, BOTH, IN if number < 3 else OUT)
        for number in (1, 2):
            made.decide(number, Step.VERIFY, ("ada",), IN)
        yield made


def read(screen: Screen, sample: Sequence[str], *, failures: int = 0) -> None:
    for place, url in enumerate(sample):
        screen.say(url, Step.AUDIT, ("ada",), IN if place < failures else OUT)
