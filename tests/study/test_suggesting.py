"""Suggestions come from final labels alone, once there are enough of them."""

from pathlib import Path

import pytest

from firstmile.study.decisions import LabelValue
from firstmile.study.folder import StudyFolder
from firstmile.study.suggesting import FEWEST, Suggestions, learn
from firstmile.taxonomy import Axis
from ui.web import studies

REPORTS = [
    (f"It hangs {n}", "The first token never comes, the bar stands still.", ())
    if n % 2
    else (f"Out of memory {n}", "CUDA out of memory on my card of 24 GB.", ())
    for n in range(FEWEST + 6)
]


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    made = studies.make(tmp_path / "study", REPORTS)
    studies.include_all(made)
    return made


def label(folder: StudyFolder, count: int, *, raters: tuple[str, ...] = ("ada", "ben")) -> None:
    for number in range(1, count + 1):
        hangs = (number - 1) % 2
        for rater in raters:
            studies.label(
                folder,
                studies.url_of(number),
                rater,
                symptom="hang/generation" if hangs else "crash/cuda/out-of-memory",
                cause="distributed/communication" if hangs else "hardware/gpu-memory",
                stage="inference",
            )


def suggested(folder: StudyFolder, number: int) -> dict[str, str]:
    issue = folder.store.issue(studies.url_of(number))
    assert issue is not None
    with folder.decisions() as decisions:
        return dict(Suggestions(folder, decisions)(issue))


def test_what_was_learnt_is_suggested(folder: StudyFolder) -> None:
    label(folder, FEWEST)
    assert suggested(folder, FEWEST + 2)["symptom"] == "hang/generation"
    assert suggested(folder, FEWEST + 3)["cause"] == "hardware/gpu-memory"


def test_an_axis_with_one_code_only_is_left_out(folder: StudyFolder) -> None:
    label(folder, FEWEST)
    assert "stage" not in suggested(folder, FEWEST + 1)


def test_too_few_labels_suggest_nothing(folder: StudyFolder) -> None:
    label(folder, FEWEST - 1)
    assert suggested(folder, FEWEST + 1) == {}


def test_one_raters_open_labels_are_not_learnt_from(folder: StudyFolder) -> None:
    label(folder, FEWEST, raters=("ada",))
    assert suggested(folder, FEWEST + 1) == {}


def test_a_classifier_learns_each_axis_apart() -> None:
    labels = [
        LabelValue(symptom="hang", cause="api", stage="inference"),
        LabelValue(symptom="slow", cause="api", stage="fine-tuning"),
    ]
    assert set(learn(["it hangs", "it is slow"], labels)) == {Axis.SYMPTOM, Axis.STAGE}
