"""Pilot rounds of a real study: what their figures rest on, and what is published of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firstmile.study import rounds
from firstmile.study.decisions import Decisions, LabelValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.overview import make_overview
from firstmile.study.pilot_order import DISCUSSED
from firstmile.study.publishing import gather
from publishing.samples import LABELS, QUICK, decide, issue_node, make_folder

OPENED = datetime(2026, 2, 9, tzinfo=UTC)
BEFORE_THE_LABELS = datetime(2026, 2, 1, tzinfo=UTC)
URLS = [f"https://github.com/owner/name/issues/{number}" for number in (1, 2, 3)]


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    folder = make_folder(tmp_path / "study", [issue_node(number) for number in range(1, 4)])
    text = (folder.path / "study.toml").read_text(encoding="utf-8")
    (folder.path / "study.toml").write_text(f"{text}\n[label]\npilot = 50\n", encoding="utf-8")
    del folder.__dict__["design"]
    return folder


@pytest.fixture
def decisions(study: StudyFolder) -> Iterator[Decisions]:
    """Yield the decisions of a study whose first round, of all three issues, is labelled."""
    with study.decisions() as found:
        for number in (1, 2, 3):
            for rater in ("annegret", "bartholomew"):
                decide(found, number, Step.SCREEN, rater, include=True)
                decide(found, number, Step.VERIFY, rater, include=True)
        rounds.open_round(study, found, make_overview(study, found).funnel, at=OPENED)
        for number in (1, 2, 3):
            for rater in ("annegret", "bartholomew"):
                label(found, number, rater)
        yield found


def label(decisions: Decisions, number: int, rater: str, stage: str = "inference") -> None:
    """Record a label of the first round."""
    decisions.append(
        f"https://github.com/owner/name/issues/{number}",
        Step.LABEL,
        rater,
        msgspec.convert({**LABELS, "stage": stage}, LabelValue),
        codebook="1.0.0",
        at="2026-02-10T09:08:07Z",
        key=f"{number}-{rater}-{stage}",
        round=1,
    )


def test_a_clock_that_went_back_keeps_the_first_labels(
    study: StudyFolder, decisions: Decisions
) -> None:
    rounds.discuss_round(study, decisions, there=URLS, at=BEFORE_THE_LABELS)
    label(decisions, 1, "annegret", stage="fine-tuning")
    found = rounds.study_agreement(study, decisions, settings=QUICK)
    assert (found.first.ratings, found.first.late) == (6, 0)
    assert found.pilot is not None
    assert found.pilot.rounds[0].met
    assert found.present is not None


def test_a_discussion_noted_by_its_time_alone_is_still_read(
    study: StudyFolder, decisions: Decisions
) -> None:
    decisions.note(DISCUSSED, {"round": 1}, at="2026-02-01T00:00:00Z")
    assert rounds.talked(decisions) == {1: "2026-02-01T00:00:00Z"}
    assert rounds.study_agreement(study, decisions, settings=QUICK).first.late == 6


def test_a_small_round_is_as_complete_in_what_is_published_as_in_the_study(
    study: StudyFolder, decisions: Decisions
) -> None:
    own = rounds.study_agreement(study, decisions, settings=QUICK).pilot
    assert own is not None
    figures = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK).agreement
    (published,) = figures["agreement"]["pilot"]["rounds"]
    assert (published["lacking"], published["met"]) == (0, True)
    assert own.rounds[0].met


def test_pseudonyms_change_no_figure(study: StudyFolder, decisions: Decisions) -> None:
    """Nor does their order: the first of the two is called last."""
    label(decisions, 3, "bartholomew", stage="fine-tuning")
    own = msgspec.to_builtins(rounds.study_agreement(study, decisions, settings=QUICK))
    called = {"annegret": "rater-2", "bartholomew": "rater-1"}
    other = msgspec.to_builtins(
        rounds.study_agreement(study, decisions, settings=QUICK, names=called)
    )

    def numbers(value: Any) -> list[float]:
        if isinstance(value, dict):
            return sorted(n for item in value.values() for n in numbers(item))
        if isinstance(value, list | tuple):
            return sorted(n for item in value for n in numbers(item))
        return [value] if isinstance(value, float) else []

    assert numbers(own)
    assert numbers(own) == pytest.approx(numbers(other), abs=1e-12)
