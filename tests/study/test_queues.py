"""Every rater gets what is theirs, in the study's order, and nothing twice."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Place
from firstmile.study.ledger import COMPARED, SKIPPED, Ledger
from firstmile.study.overview import AUDIT, EXCLUDED, FROZEN, make_overview
from firstmile.study.queues import PILOT, RANKING, Queues
from ui.web.studies import AT, REPORTS, make, url_of

NUMBERS = itertools.count(1)
IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")
HANG = LabelValue(symptom="hang", cause="environment", stage="inference")
SLOW = LabelValue(symptom="slow", cause="environment", stage="inference")


class Desk:
    """A study with its queues, and decisions made in one line."""

    def __init__(self, folder: StudyFolder) -> None:
        self.folder = folder
        self.decisions = folder.decisions()
        self.ledger = Ledger(folder.path / "decisions.sqlite")
        self.queues = Queues(folder, self.ledger)
        self.refresh()

    def refresh(self) -> None:
        self.ledger.catch_up()
        self.queues.refresh()

    def decide(
        self, number: int, step: Step, rater: str, value: ScreenValue | LabelValue | None
    ) -> None:
        self.decisions.append(
            url_of(number), step, rater, value, codebook="1", at=AT, key=str(next(NUMBERS))
        )
        self.refresh()

    def keep(self, *numbers: int) -> None:
        """Have all raters screen issues in, and ada verify them."""
        for number in numbers:
            for rater in self.folder.design.people():
                self.decide(number, Step.SCREEN, rater, IN)
            self.decide(number, Step.VERIFY, "ada", IN)

    def note(self, name: str, data: dict[str, object]) -> None:
        self.decisions.note(name, data, at=AT)
        self.refresh()

    def close(self) -> None:
        self.ledger.close()
        self.decisions.close()

    def next(self, step: Step, rater: str) -> int | None:
        url = self.queues.next(step, rater)
        return int(url.rpartition("/")[2]) if url else None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(make(tmp_path / "study", REPORTS[:4]))
    yield made
    made.ledger.close()
    made.decisions.close()


def test_screen_goes_by_number_until_there_is_a_ranking(desk: Desk) -> None:
    assert desk.next(Step.SCREEN, "ada") == 1
    ranking = [url_of(3), url_of(99), url_of(2)]
    (desk.folder.store.folder / RANKING).write_bytes(msgspec.json.encode(ranking))
    desk.refresh()
    assert [int(url[-1]) for url in desk.queues.pool(Step.SCREEN)] == [3, 2, 1, 4]


def test_what_a_machine_excluded_is_not_screened(desk: Desk) -> None:
    excluded = {url_of(1): {"step": "no keyword", "reason": "no-keyword"}}
    (desk.folder.store.folder / EXCLUDED).write_bytes(msgspec.json.encode(excluded))
    desk.refresh()
    assert desk.next(Step.SCREEN, "ada") == 2
    assert not desk.queues.is_open(Step.SCREEN, "ada", url_of(1))


def test_damaged_ranking_is_one_sentence(desk: Desk) -> None:
    (desk.folder.store.folder / RANKING).write_text("[")
    with pytest.raises(UserError, match=r"ranking\.json"):
        desk.refresh()


def test_issue_goes_on_as_soon_as_one_rater_would_keep_it(desk: Desk) -> None:
    desk.decide(1, Step.SCREEN, "ada", OUT)
    desk.decide(1, Step.SCREEN, "ben", OUT)
    desk.decide(2, Step.SCREEN, "ada", OUT)
    desk.decide(2, Step.SCREEN, "ben", IN)
    assert [url[-1] for url in desk.queues.pool(Step.VERIFY)] == ["2"]
    assert desk.next(Step.LABEL, "ada") is None
    desk.decide(2, Step.VERIFY, "ada", IN)
    assert desk.next(Step.LABEL, "ben") == 2


def test_frozen_screen_ends_with_what_was_begun(desk: Desk) -> None:
    desk.decide(3, Step.SCREEN, "ada", IN)
    desk.decisions.note(FROZEN, {"decisions": 1}, at=AT)
    desk.refresh()
    assert desk.next(Step.SCREEN, "ada") is None
    assert desk.next(Step.SCREEN, "ben") == 3


def test_withdrawn_decision_comes_back(desk: Desk) -> None:
    desk.decide(1, Step.SCREEN, "ada", IN)
    assert desk.next(Step.SCREEN, "ada") == 2
    desk.decide(1, Step.SCREEN, "ada", None)
    assert desk.next(Step.SCREEN, "ada") == 1
    assert desk.queues.last(Step.SCREEN, "ada") is None


def test_skipped_issue_comes_after_all_others_for_its_rater_alone(desk: Desk) -> None:
    data = {"issue": url_of(1), "step": "screen", "rater": "ada"}
    desk.decisions.note(SKIPPED, data, at=AT)
    desk.refresh()
    assert desk.next(Step.SCREEN, "ada") == 2
    assert desk.next(Step.SCREEN, "ben") == 1
    for number in (2, 3, 4):
        desk.decide(number, Step.SCREEN, "ada", IN)
    assert desk.next(Step.SCREEN, "ada") == 1


def test_disagreement_waits_until_all_raters_have_labelled(desk: Desk) -> None:
    desk.keep(1)
    for rater, value in (("ada", HANG), ("ben", SLOW)):
        assert desk.next(Step.ADJUDICATE, "ada") is None
        desk.decide(1, Step.LABEL, rater, value)
    assert desk.next(Step.ADJUDICATE, "ada") == 1
    desk.decide(1, Step.ADJUDICATE, "ben", SLOW)
    assert desk.next(Step.ADJUDICATE, "ada") is None


def test_labels_are_closed_once_they_were_compared(desk: Desk) -> None:
    desk.decide(1, Step.SCREEN, "ada", IN)
    desk.decide(1, Step.VERIFY, "ada", IN)
    desk.decide(1, Step.LABEL, "ada", HANG)
    assert desk.queues.is_open(Step.LABEL, "ada", url_of(1))
    desk.decisions.note(COMPARED, {"issue": url_of(1), "rater": "ben"}, at=AT)
    desk.refresh()
    assert not desk.queues.is_open(Step.LABEL, "ada", url_of(1))


def compared_desk(path: Path) -> Desk:
    """Return a study whose first issue ada and ben labelled, an adjudicator opened, cy joined."""
    before = Desk(make(path, REPORTS[:2]))
    before.keep(1)
    before.decide(1, Step.LABEL, "ada", HANG)
    before.decide(1, Step.LABEL, "ben", SLOW)
    before.note(COMPARED, {"issue": url_of(1), "rater": "ada", "raters": ["ada", "ben"]})
    before.close()
    design = path / "study.toml"
    joined = '\n[[raters]]\nname = "cy"\n\n[screen]\nraters = ["ada"]\n'
    design.write_text(design.read_text() + joined)
    return Desk(StudyFolder(path))


def test_rater_who_joins_is_offered_nothing_that_is_closed(tmp_path: Path) -> None:
    desk = compared_desk(tmp_path / "study")
    assert desk.next(Step.LABEL, "cy") is None
    assert desk.queues.progress(Step.LABEL, "cy", day=AT[:10]).total == 0
    assert desk.queues.progress(Step.LABEL, "ada", day=AT[:10]).total == 1
    desk.keep(2)
    assert desk.next(Step.LABEL, "cy") == 2
    assert desk.queues.is_open(Step.LABEL, "cy", url_of(2))
    desk.close()


def test_rater_who_joins_holds_up_no_adjudication_that_began(tmp_path: Path) -> None:
    desk = compared_desk(tmp_path / "study")
    assert desk.next(Step.ADJUDICATE, "ada") == 1
    assert desk.queues.compared(url_of(1)) == ["ada", "ben"]
    desk.keep(2)
    desk.decide(2, Step.LABEL, "ada", HANG)
    desk.decide(2, Step.LABEL, "ben", SLOW)
    assert url_of(2) not in desk.queues.pool(Step.ADJUDICATE)
    desk.decide(2, Step.LABEL, "cy", SLOW)
    assert url_of(2) in desk.queues.pool(Step.ADJUDICATE)
    desk.close()


def test_rater_who_left_after_the_comparison_keeps_the_disagreement_open(tmp_path: Path) -> None:
    desk = compared_desk(tmp_path / "study")
    desk.close()
    design = tmp_path / "study" / "study.toml"
    design.write_text(design.read_text() + '\n[label]\nraters = ["ada", "cy"]\n')
    desk = Desk(StudyFolder(tmp_path / "study"))
    assert desk.next(Step.ADJUDICATE, "ada") == 1
    desk.close()


def test_rater_who_left_after_the_comparison_leaves_one_label_that_is_final(
    tmp_path: Path,
) -> None:
    desk = compared_desk(tmp_path / "study")
    desk.close()
    design = tmp_path / "study" / "study.toml"
    design.write_text(design.read_text() + '\n[label]\nraters = ["ada"]\n')
    desk = Desk(StudyFolder(tmp_path / "study"))
    assert desk.queues.compared(url_of(1)) == ("ada",)
    assert desk.next(Step.ADJUDICATE, "ada") is None
    standing = make_overview(desk.folder, desk.decisions).funnel.standings[url_of(1)]
    assert (standing.place, standing.decided) == (Place.LABELLED, "single rater")
    desk.close()


def test_what_former_raters_settled_is_open_again(desk: Desk) -> None:
    desk.keep(1)
    desk.decide(1, Step.LABEL, "ada", HANG)
    desk.decide(1, Step.LABEL, "ben", SLOW)
    desk.decide(1, Step.ADJUDICATE, "eve", SLOW)
    assert desk.next(Step.ADJUDICATE, "ada") == 1
    excluded = {url_of(2): {"step": Place.NO_KEYWORD.value, "reason": "no-keyword"}}
    (desk.folder.store.folder / EXCLUDED).write_bytes(msgspec.json.encode(excluded))
    desk.note(FROZEN, {"given_up": [url_of(3)]})
    desk.decide(2, Step.AUDIT, "eve", IN)
    desk.decide(3, Step.SCREEN, "eve", IN)
    assert desk.queues.pool(Step.VERIFY) == [url_of(1)]
    assert url_of(3) not in desk.queues.pool(Step.SCREEN)


@pytest.mark.parametrize("gone", ["screened out", "verified out", "excluded"])
def test_disagreement_on_what_left_the_study_is_not_adjudicated(desk: Desk, gone: str) -> None:
    desk.keep(1)
    desk.decide(1, Step.LABEL, "ada", HANG)
    desk.decide(1, Step.LABEL, "ben", SLOW)
    assert desk.next(Step.ADJUDICATE, "ada") == 1
    if gone == "screened out":
        desk.decide(1, Step.SCREEN, "ada", OUT)
        desk.decide(1, Step.SCREEN, "ben", OUT)
    elif gone == "verified out":
        desk.decide(1, Step.VERIFY, "ada", OUT)
    else:
        excluded = {url_of(1): {"step": "duplicate", "reason": "duplicate"}}
        (desk.folder.store.folder / EXCLUDED).write_bytes(msgspec.json.encode(excluded))
        desk.refresh()
    assert desk.next(Step.ADJUDICATE, "ada") is None
    assert desk.next(Step.LABEL, "ada") is None


def test_freeze_gives_up_what_it_lists_and_nothing_collected_later(desk: Desk) -> None:
    desk.decide(2, Step.SCREEN, "ada", OUT)
    desk.note(FROZEN, {"given_up": [url_of(1), url_of(3)]})
    assert [int(url[-1]) for url in desk.queues.pool(Step.SCREEN)] == [2, 4]
    assert desk.next(Step.SCREEN, "ada") == 4
    assert desk.next(Step.SCREEN, "ben") == 2
    desk.decide(3, Step.SCREEN, "ada", IN)
    assert [int(url[-1]) for url in desk.queues.pool(Step.SCREEN)] == [2, 3, 4]


def test_what_an_auditor_would_keep_is_verified_whatever_had_discarded_it(desk: Desk) -> None:
    excluded = {
        url_of(2): {"step": Place.NO_KEYWORD.value, "reason": "no-keyword"},
        url_of(3): {"step": Place.OUT_OF_RANGE.value, "reason": "out-of-range"},
    }
    (desk.folder.store.folder / EXCLUDED).write_bytes(msgspec.json.encode(excluded))
    desk.note(FROZEN, {"given_up": [url_of(1), url_of(4)]})
    for number in (1, 2, 3):
        desk.decide(number, Step.AUDIT, "ada", IN)
    desk.decide(4, Step.AUDIT, "ada", OUT)
    assert [int(url[-1]) for url in desk.queues.pool(Step.VERIFY, "ben")] == [1, 2]
    desk.decide(2, Step.VERIFY, "ben", IN)
    assert desk.next(Step.LABEL, "ben") == 2
    assert desk.queues.is_open(Step.LABEL, "ada", url_of(2))


def test_later_steps_of_an_issue_open_after_ones_own_screen_decision(desk: Desk) -> None:
    desk.decide(1, Step.SCREEN, "ada", IN)
    assert desk.next(Step.VERIFY, "ada") == 1
    desk.decide(1, Step.VERIFY, "ada", IN)
    for step in (Step.VERIFY, Step.LABEL):
        assert desk.next(step, "ben") is None
        assert not desk.queues.is_open(step, "ben", url_of(1))
        assert desk.queues.progress(step, "ben", day=AT[:10]).total == 0
    desk.decide(1, Step.SCREEN, "ben", OUT)
    assert desk.next(Step.VERIFY, "ben") == 1
    assert desk.next(Step.LABEL, "ben") == 1


def test_address_that_opens_no_issue_is_passed_over(desk: Desk) -> None:
    desk.note(AUDIT, {"issues": [url_of(99), url_of(3)]})
    assert desk.next(Step.AUDIT, "ada") == 3
    desk.note(PILOT, {"round": 1, "issues": [url_of(98)]})
    assert desk.next(Step.LABEL, "ada") is None
    desk.note(SKIPPED, {"issue": url_of(2), "step": "screen", "rater": "ada"})
    broken = {url_of(1), url_of(2)}
    queues = desk.queues
    assert queues.next(Step.SCREEN, "ada", opens=lambda url: url not in broken) == url_of(3)
    assert queues.next(Step.SCREEN, "ada", opens=lambda url: url in broken) == url_of(1)


def test_a_damaged_ranking_names_the_command_that_mends_it_in_this_study(tmp_path: Path) -> None:
    folder = make(tmp_path / "our study")
    (folder.store.folder / RANKING).write_text("[", encoding="utf-8")
    with pytest.raises(UserError, match=f"firstmile study screen '{folder.path}'"):
        Queues(folder, Ledger(folder.path / "decisions.sqlite")).refresh()


def test_all_raters_label_in_one_order_that_is_not_the_stores(tmp_path: Path) -> None:
    desk = Desk(make(tmp_path / "study"))
    for number in range(1, 13):
        desk.decide(number, Step.SCREEN, "ada", IN)
        desk.decide(number, Step.VERIFY, "ada", IN)
    order = list(desk.queues.pool(Step.LABEL))
    assert order == list(desk.queues.pool(Step.LABEL))
    assert sorted(order) != order
    desk.ledger.close()
    desk.decisions.close()


def test_pilot_round_has_its_own_issues(desk: Desk) -> None:
    desk.decide(4, Step.SCREEN, "ada", IN)
    desk.decisions.note(PILOT, {"round": 2, "issues": [url_of(4)]}, at=AT)
    desk.refresh()
    assert desk.queues.round() == 2
    assert desk.next(Step.LABEL, "ada") == 4
    desk.decisions.note(PILOT, {"round": 0}, at=AT)
    desk.refresh()
    assert desk.queues.round() == 0
    assert desk.next(Step.LABEL, "ada") is None


def test_progress_counts_what_counts_today(desk: Desk) -> None:
    desk.decide(1, Step.SCREEN, "ada", IN)
    today = desk.queues.progress(Step.SCREEN, "ada", day=AT[:10])
    assert (today.done, today.total, today.today) == (1, 4, 1)
    assert desk.queues.progress(Step.SCREEN, "ada", day="2020-01-01").today == 0


STEPS = st.sampled_from([Step.SCREEN, Step.LABEL])
DECISIONS = st.lists(
    st.tuples(st.integers(1, 3), STEPS, st.sampled_from("ab"), st.sampled_from([IN, OUT, None])),
    max_size=15,
)


@settings(max_examples=25)
@given(DECISIONS, st.integers(1, 7))
def test_ledger_says_what_the_file_says(
    tmp_path_factory: pytest.TempPathFactory,
    made: list[tuple[int, Step, str, ScreenValue | None]],
    every: int,
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "decisions.sqlite"
    with Decisions(path) as decisions:
        ledger = Ledger(path)
        for place, (number, step, rater, value) in enumerate(made):
            decisions.append(str(number), step, rater, value, codebook="1", at=AT, key=f"k {place}")
            if place % every == 0:
                ledger.catch_up()
        ledger.catch_up()
        for step in (Step.SCREEN, Step.LABEL):
            held = [one for of in ledger.current[step].values() for one in of.values()]
            assert sorted(held, key=lambda one: one.id) == decisions.current(step)
            for rater in "ab":
                current = decisions.current(step, rater=rater)
                assert list(ledger.of(step, rater).values()) == current
        ledger.close()
