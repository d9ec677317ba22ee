"""A sample of what a screen discarded is read: what was missed is bounded, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.study.decisions import Step
from firstmile.study.funnel import Place
from firstmile.study.machine_screen import screen_by_machine
from screened.screens import BOTH, IN, OTHER, OUT, Screen, read, reports, ten_issues
from ui.web.studies import DESIGN, REPORTS, add_issues, make, url_of


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """A study of ten issues that was screened."""
    with ten_issues(tmp_path) as made:
        yield made


def test_what_waits_for_verification_is_not_found_yet(screen: Screen) -> None:
    screen.decide(9, Step.SCREEN, ("ada",), IN)
    read(screen, screen.freeze())
    assert screen.bound() is None
    assert "known once 1 issue is verified" in screen.said()
    screen.decide(9, Step.VERIFY, BOTH, OUT)
    bound = screen.bound()
    assert bound is not None
    assert bound.found == 2


def test_no_sample_of_nothing_is_planned(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", reports(1))
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        made.decide(1, Step.SCREEN, BOTH, IN)
        made.decide(1, Step.VERIFY, ("ada",), IN)
        assert made.said() == ""


def test_where_nothing_was_discarded_nothing_was_missed(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", reports(2))
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        for number in (1, 2):
            made.decide(number, Step.SCREEN, BOTH, IN)
            made.decide(number, Step.VERIFY, BOTH, IN)
        made.freeze()
        assert (
            made.said() == "Nothing was discarded when the screen ended, so it missed no failure."
        )
        bound = made.bound()
        assert bound is not None
        assert (bound.found, bound.missed_at_most) == (2, 0)
        made.decide(2, Step.SCREEN, BOTH, OUT)
        assert made.bound() is None


def test_no_sample_is_no_bound(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", reports(3), design=f"{DESIGN}[screen]\naudit = 0\n")
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        made.freeze()
        assert made.bound() is None
        assert "No sample of the 3 discarded issues was drawn" in made.said()


@pytest.mark.parametrize("raters", [("ada", "ben"), ("ben", "ada")])
def test_any_auditor_brings_an_issue_back(screen: Screen, raters: tuple[str, str]) -> None:
    sample = screen.freeze()
    read(screen, sample)
    found = sample[0]
    screen.say(found, Step.AUDIT, raters[:1], IN)
    screen.say(found, Step.AUDIT, raters[1:], OUT)
    assert screen.funnel().standings[found].place is Place.TO_VERIFY
    assert screen.bound() is None
    screen.say(found, Step.VERIFY, ("ada",), IN)
    assert screen.funnel().standings[found].place is Place.TO_LABEL
    bound = screen.bound()
    assert bound is not None
    assert (bound.found, bound.discarded, bound.failures_in_sample) == (2, 8, 1)
    assert bound.recall_with_sample_at_least > bound.recall_at_least
    missed = bound.missed_at_most
    assert bound.recall_with_sample_at_least == pytest.approx(3 / (3 + missed - 1))


def test_what_verification_throws_out_again_was_no_failure(screen: Screen) -> None:
    sample = screen.freeze()
    read(screen, sample, failures=1)
    screen.say(sample[0], Step.VERIFY, BOTH, OUT)
    assert screen.funnel().standings[sample[0]].place is Place.VERIFIED_OUT
    bound = screen.bound()
    assert bound is not None
    assert bound.failures_in_sample == 0


def test_an_audit_brings_back_what_no_rater_had_discarded(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", [REPORTS[0], *reports(2, what="A poem")])
    add_issues(folder, REPORTS[:1], repository=OTHER)
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        brought = [url_of(2), *made.funnel().at(Place.DUPLICATE)]
        assert {made.funnel().standings[url].place for url in brought} == {
            Place.NO_KEYWORD,
            Place.DUPLICATE,
        }
        for url in brought:
            made.say(url, Step.AUDIT, ("ben",), IN)
        assert sorted(made.funnel().at(Place.TO_VERIFY)) == sorted(brought)
        made.say(brought[0], Step.AUDIT, ("ben",), None)
        assert made.place(2) is Place.NO_KEYWORD


def test_what_an_earlier_audit_brought_back_is_not_said_to_be_the_screens(screen: Screen) -> None:
    sample = screen.freeze()
    read(screen, sample, failures=1)
    screen.say(sample[0], Step.VERIFY, ("ada",), IN)
    assert "so the screen found" in screen.said()
    read(screen, [url for url in screen.freeze() if url != sample[0]])
    bound = screen.bound()
    assert bound is not None
    assert (bound.found, bound.discarded) == (3, 7)
    assert "so the screen and earlier audits found" in screen.said()
    assert "This was look 2, but the study planned 1" in screen.said()


def test_the_error_is_spent_over_all_planned_looks(tmp_path: Path) -> None:
    design = f"{DESIGN}[screen]\naudit = 4\nlooks = 2\n"
    folder = make(tmp_path / "study", reports(8), design=design)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        read(made, made.freeze())
        bound = made.bound()
        assert bound is not None
        assert bound.confidence == pytest.approx(0.975)
