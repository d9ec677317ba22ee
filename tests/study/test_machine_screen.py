"""What leaves without a rater, and what never does because raters have worked on it."""

import itertools
import random
import string
from collections.abc import Sequence
from pathlib import Path

import pytest

from firstmile.study.decisions import Decisions, LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Place
from firstmile.study.issues import Page, Record
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import Exclusion, read_exclusions
from ui.web.studies import AT, DESIGN, REPORTS, make, node, url_of

NUMBERS = itertools.count(1)
IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")
HANG = LabelValue(symptom="hang", cause="environment", stage="inference")
OLDER, NEWER = "zz/older", "aa/newer"


def add_copy(
    folder: StudyFolder, repository: str, opened: str, report: int = 0, *, body: str | None = None
) -> str:
    """Collect a report again, in another repository; its number is 9."""
    title, text, comments = REPORTS[report]
    payload = node(9, title, text if body is None else body, comments) | {"createdAt": opened}
    record = Record(repository=repository, number=9, payload=payload)
    page = Page(target=repository, records=(record,), state={}, done=True)
    folder.archive.append("github", page, [record], fetched_at=AT, redaction="1", redacted={})
    folder.store.refresh(folder.archive)
    return url_of(9, repository)


def decide(
    decisions: Decisions, url: str, step: Step, value: ScreenValue | LabelValue | None
) -> None:
    decisions.append(url, step, "ada", value, codebook="1.0.0", at=AT, key=f"m{next(NUMBERS)}")


def redesigned(folder: StudyFolder, design: str) -> StudyFolder:
    (folder.path / "study.toml").write_text(design, encoding="utf-8")
    return StudyFolder.open(folder.path)


def screened(folder: StudyFolder, decisions: Decisions | None = None) -> dict[str, Exclusion]:
    found = dict(screen_by_machine(folder, decisions=decisions))
    assert found == read_exclusions(folder)
    return found


def test_the_report_opened_first_leads_whatever_its_address(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", REPORTS[:1])
    older = add_copy(folder, OLDER, "2024-01-01T00:00:00Z")
    newer = add_copy(folder, NEWER, "2026-01-01T00:00:00Z")
    found = screened(folder)
    assert {url: one.detail for url, one in found.items()} == {url_of(1): older, newer: older}
    assert {one.step for one in found.values()} == {Place.DUPLICATE}


@pytest.mark.parametrize(
    ("step", "value"),
    [(Step.SCREEN, IN), (Step.VERIFY, OUT), (Step.LABEL, HANG), (Step.ADJUDICATE, HANG)],
)
def test_an_older_report_collected_later_follows_the_one_raters_work_on(
    tmp_path: Path, step: Step, value: ScreenValue | LabelValue
) -> None:
    folder = make(tmp_path / "study", REPORTS[:1])
    with folder.decisions() as decisions:
        decide(decisions, url_of(1), step, value)
        older = add_copy(folder, OLDER, "2024-01-01T00:00:00Z")
        found = screened(folder, decisions)
    assert list(found) == [older]
    assert found[older].detail == url_of(1)


@pytest.mark.parametrize("value", [OUT, None])
def test_what_no_screener_would_keep_does_not_lead(
    tmp_path: Path, value: ScreenValue | None
) -> None:
    folder = make(tmp_path / "study", REPORTS[:1])
    older = add_copy(folder, OLDER, "2024-01-01T00:00:00Z")
    with folder.decisions() as decisions:
        decide(decisions, url_of(1), Step.SCREEN, IN)
        decide(decisions, url_of(1), Step.SCREEN, value)
        assert screened(folder, decisions)[url_of(1)].detail == older


def test_two_labelled_reports_of_a_group_both_stay(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", REPORTS[:1])
    older = add_copy(folder, OLDER, "2024-01-01T00:00:00Z")
    newer = add_copy(folder, NEWER, "2026-01-01T00:00:00Z")
    with folder.decisions() as decisions:
        decide(decisions, newer, Step.SCREEN, IN)
        for url in (url_of(1), older):
            decide(decisions, url, Step.LABEL, HANG)
        assert {url: one.detail for url, one in screened(folder, decisions).items()} == {
            newer: older
        }


@pytest.mark.parametrize(
    ("narrower", "place"),
    [
        ('name = "First mile, small"\nuntil = 2025-03-02', Place.OUT_OF_RANGE),
        ('name = "First mile, small"\nsince = 2025-03-04', Place.OUT_OF_RANGE),
    ],
)
def test_a_narrower_design_throws_out_no_labelled_issue(
    tmp_path: Path, narrower: str, place: Place
) -> None:
    folder = make(tmp_path / "study", REPORTS[:2])
    folder = redesigned(folder, DESIGN.replace('name = "First mile, small"', narrower))
    left: Sequence[str] = sorted(screened(folder))
    assert left
    assert {one.step for one in read_exclusions(folder).values()} == {place}
    with folder.decisions() as decisions:
        decide(decisions, left[0], Step.LABEL, HANG)
        assert left[0] not in screened(folder, decisions)
        decide(decisions, left[0], Step.LABEL, None)
        assert sorted(screened(folder, decisions)) == left


def test_other_keywords_throw_out_no_verified_issue(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", REPORTS[:4])
    folder = redesigned(folder, f'{DESIGN}[screen]\nkeywords = ["nothing of the kind"]\n')
    left = screened(folder)
    assert {one.step for one in left.values()} == {Place.NO_KEYWORD}
    with folder.decisions() as decisions:
        decide(decisions, url_of(2), Step.VERIFY, IN)
        assert set(left) - set(screened(folder, decisions)) == {url_of(2)}


@pytest.mark.parametrize("times", [3, 26])
@pytest.mark.parametrize("edited", [False, True])
def test_a_failure_filed_over_and_over_goes_to_raters_once(
    tmp_path: Path, times: int, edited: bool
) -> None:
    draw = random.Random(times)

    def sentence(words: int) -> str:
        return " ".join("".join(draw.choices(string.ascii_lowercase, k=7)) for _ in range(words))

    body = "\n".join(f"error {sentence(10)}" for _ in range(10))
    copies = [
        ("Server crashes after the second adapter", f"{body}\nerror {sentence(edited)} then", ())
        for _ in range(times)
    ]
    others = [
        (f"Error {sentence(4)}", "\n".join(f"error {sentence(9)}" for _ in range(6)), ())
        for _ in range(60)
    ]
    left = screened(make(tmp_path / "study", [*copies, *others]))
    assert [one.step for one in left.values()] == [Place.DUPLICATE] * (times - 1)
