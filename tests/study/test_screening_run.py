"""A screen ends, a sample of what it discarded is read, and what was missed is bounded."""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, LabelValue, ScreenValue, Step
from firstmile.study.design import FILE
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.study.funnel import Funnel, Place
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import AUDIT, FROZEN, make_overview
from firstmile.study.screening.recall import RecallBound
from firstmile.study.screening_run import (
    audit_bound,
    freeze_ranking,
    plan_freeze,
    recall_sentences,
)
from ui.web.studies import AT, DESIGN, REPORTS, add_issues, make, url_of

NUMBERS = itertools.count(1)
IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")
OTHER = "acme/other"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


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


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """Return a study of ten issues; both raters keep 1 and 2, verified, and throw 3 to 8 out."""
    design = f"{DESIGN}[screen]\naudit = 4\n"
    folder = make(tmp_path / "study", reports(10), design=design)
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        for number in range(1, 9):
            made.decide(number, Step.SCREEN, BOTH, IN if number < 3 else OUT)
        for number in (1, 2):
            made.decide(number, Step.VERIFY, ("ada",), IN)
        yield made


BOTH = ("ada", "ben")


def read(screen: Screen, sample: Sequence[str], *, failures: int = 0) -> None:
    for place, url in enumerate(sample):
        screen.say(url, Step.AUDIT, ("ada",), IN if place < failures else OUT)


def test_a_screen_read_to_its_end_bounds_what_was_missed(screen: Screen) -> None:
    assert screen.bound() is None
    sample = screen.freeze()
    assert len(sample) == 4
    assert "4 issues of the random sample" in screen.said()
    read(screen, sample[:3])
    assert screen.bound() is None
    assert "1 issue of the random sample" in screen.said()
    read(screen, sample)
    bound = screen.bound()
    assert bound is not None
    assert (bound.found, bound.discarded, bound.sampled) == (2, 8, 4)
    assert "Of 8 discarded issues 4 were sampled and 0 of those are failures" in screen.said()


def test_half_screened_issues_keep_the_screen_from_ending(screen: Screen) -> None:
    screen.decide(9, Step.SCREEN, ("ada",), OUT)
    with pytest.raises(UserError, match="1 issue is half screened"):
        screen.freeze()
    assert not screen.decisions.events()
    screen.decide(9, Step.SCREEN, ("ben",), IN)
    screen.freeze()
    assert screen.place(9) is Place.TO_VERIFY


def test_what_a_rater_of_old_said_leaves_an_issue_unread(screen: Screen) -> None:
    screen.decide(9, Step.SCREEN, ("former",), OUT)
    screen.freeze()
    assert screen.place(9) is Place.NOT_RANKED_HIGH


def test_what_is_discarded_after_the_sample_was_drawn_leaves_no_bound(screen: Screen) -> None:
    read(screen, screen.freeze())
    assert screen.bound() is not None
    screen.decide(2, Step.SCREEN, BOTH, OUT)
    assert screen.bound() is None
    assert "1 issue was discarded after the sample was drawn; draw anew: " in screen.said()
    assert f"firstmile study screen {screen.folder.path} --freeze" in screen.said()
    read(screen, screen.freeze())
    bound = screen.bound()
    assert bound is not None
    assert bound.discarded == 9


def test_an_audit_that_did_not_write_down_what_was_discarded_bounds_nothing(
    screen: Screen,
) -> None:
    sample = screen.freeze()
    screen.decisions.note(AUDIT, {"issues": sample, "population": 8}, at=AT)
    read(screen, sample)
    assert screen.bound() is None
    assert "draw anew" in screen.said()


def test_what_a_former_rater_read_of_the_sample_is_unread(screen: Screen) -> None:
    sample = screen.freeze()
    for url in sample:
        screen.say(url, Step.AUDIT, ("eve",), IN)
    assert "4 issues of the random sample" in screen.said()
    assert screen.bound() is None
    overview = make_overview(screen.folder, screen.decisions)
    assert any("random sample of what was discarded" in step for step in overview.next)
    read(screen, sample)
    bound = screen.bound()
    assert bound is not None
    assert bound.failures_in_sample == 0


def test_duplicates_are_among_what_is_audited(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", REPORTS[:2])
    add_issues(folder, REPORTS[:1], repository=OTHER)
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        made = Screen(folder, decisions)
        (follower,) = made.funnel().at(Place.DUPLICATE)
        assert follower in made.freeze()


def test_issues_collected_after_the_end_wait_to_be_screened(screen: Screen) -> None:
    read(screen, screen.freeze())
    assert screen.place(9) is Place.NOT_RANKED_HIGH
    add_issues(screen.folder, reports(3, first=100), repository=OTHER)
    screen_by_machine(screen.folder)
    assert screen.place(9) is Place.NOT_RANKED_HIGH
    assert [screen.place(number, OTHER) for number in (1, 2, 3)] == [Place.TO_SCREEN] * 3
    assert screen.bound() is None
    assert "known once 3 issues are screened" in screen.said()


def test_an_issue_given_up_is_read_after_all(screen: Screen) -> None:
    screen.freeze()
    screen.decide(9, Step.SCREEN, ("ada",), OUT)
    assert screen.place(9) is Place.TO_SCREEN
    screen.decide(9, Step.SCREEN, ("ada",), None)
    assert screen.place(9) is Place.NOT_RANKED_HIGH


def test_only_the_last_end_says_what_was_given_up(screen: Screen) -> None:
    screen.freeze()
    add_issues(screen.folder, reports(2, first=100), repository=OTHER)
    screen_by_machine(screen.folder)
    screen.decide(9, Step.SCREEN, BOTH, OUT)
    screen.freeze()
    given_up = [url_of(10), url_of(1, OTHER), url_of(2, OTHER)]
    assert sorted(screen.funnel().at(Place.NOT_RANKED_HIGH)) == sorted(given_up)
    assert screen.decisions.events(FROZEN)[-1].data["given_up"] == sorted(given_up)


def test_a_freeze_after_which_nothing_changed_is_no_second_look(screen: Screen) -> None:
    sample = screen.freeze()
    assert screen.freeze() == sample
    read(screen, sample)
    assert screen.freeze() == sample
    assert [event.name for event in screen.decisions.events()] == [FROZEN, AUDIT]
    assert "look" not in screen.said()
    planned = plan_freeze(screen.folder, screen.decisions)
    assert (planned.stands, planned.look) == (True, 1)
    assert "no other one is drawn" in planned.sentence()


def test_a_screener_who_takes_a_decision_back_keeps_the_sample_from_standing(
    screen: Screen,
) -> None:
    screen.freeze()
    screen.decide(3, Step.SCREEN, BOTH, None)
    assert screen.place(3) is Place.TO_SCREEN
    screen.freeze()
    assert screen.place(3) is Place.NOT_RANKED_HIGH
    assert len(screen.decisions.events(AUDIT)) == 2


def test_a_larger_audit_is_drawn_although_nothing_else_changed(screen: Screen) -> None:
    sample = screen.freeze()
    text = (screen.folder.path / FILE).read_text().replace("audit = 4", "audit = 6")
    (screen.folder.path / FILE).write_text(text)
    screen.folder = StudyFolder(screen.folder.path)
    assert screen.freeze()[:4] == sample
    assert len(screen.decisions.events(AUDIT)) == 2


def test_another_population_of_the_same_size_is_sampled_at_other_places(screen: Screen) -> None:
    sample = screen.freeze()
    before = screen.decisions.events(AUDIT)[-1].data["discarded"]
    read(screen, sample, failures=1)
    screen.say(sample[0], Step.VERIFY, ("ada",), IN)
    add_issues(screen.folder, reports(1, first=100), repository=OTHER)
    screen_by_machine(screen.folder)
    again = screen.freeze()
    after = screen.decisions.events(AUDIT)[-1].data["discarded"]
    assert len(after) == len(before)
    # The same places would be read already, and what was a failure among them is not there.
    assert [after.index(url) for url in again] != [before.index(url) for url in sample]
    assert screen.freeze() == again
    assert len(screen.decisions.events(AUDIT)) == 2


def test_a_freeze_other_than_was_agreed_to_is_none(screen: Screen) -> None:
    agreed = plan_freeze(screen.folder, screen.decisions)
    screen.decide(9, Step.SCREEN, BOTH, IN)
    with pytest.raises(UserError, match="changed meanwhile"):
        freeze_ranking(screen.folder, screen.decisions, at=NOW, agreed=agreed)
    assert screen.decisions.events() == []
    agreed = plan_freeze(screen.folder, screen.decisions)
    screen.freeze()
    with pytest.raises(UserError, match="changed meanwhile"):
        freeze_ranking(screen.folder, screen.decisions, at=NOW, agreed=agreed)
    assert [event.name for event in screen.decisions.events()] == [FROZEN, AUDIT]


def test_a_screen_does_not_end_without_its_sample(screen: Screen) -> None:
    with contextlib.closing(sqlite3.connect(screen.folder.path / DECISIONS)) as other:
        other.execute(
            f"CREATE TRIGGER stop BEFORE INSERT ON events WHEN NEW.name = '{AUDIT}' "
            "BEGIN SELECT RAISE(ABORT, 'the power is out'); END"
        )
        with pytest.raises(UserError, match="the power is out"):
            screen.freeze()
        assert screen.decisions.events() == []
        other.execute("DROP TRIGGER stop")
    assert len(screen.freeze()) == 4


def test_a_sample_that_an_earlier_end_left_out_is_asked_for_and_drawn(screen: Screen) -> None:
    given_up = [url_of(9), url_of(10)]
    screen.decisions.note(FROZEN, {"given_up": given_up}, at=AT)
    overview = make_overview(screen.folder, screen.decisions)
    assert "Draw the sample that bounds what was missed" in overview.next[0]
    assert len(screen.freeze()) == 4
    overview = make_overview(screen.folder, screen.decisions)
    assert "4 issues wait to be read of the random sample" in overview.next[0]


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
