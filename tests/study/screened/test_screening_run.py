"""A screen ends, and a sample of what it discarded is drawn."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Step
from firstmile.study.design import FILE
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.study.funnel import Place
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import AUDIT, FROZEN, make_overview
from firstmile.study.screening_run import (
    freeze_ranking,
    plan_freeze,
)
from screened.screens import BOTH, IN, NOW, OTHER, OUT, Screen, read, reports, ten_issues
from ui.web.studies import AT, REPORTS, add_issues, make, url_of


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """A study of ten issues that was screened."""
    with ten_issues(tmp_path) as made:
        yield made


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
    assert "4 issues wait to be audited, of the random sample" in overview.next[0]
