"""A rater gets no more work than there is: what others settled is neither shown nor counted."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.study.decisions import LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.ledger import COMPARED, SKIPPED
from firstmile.study.overview import AUDIT, FROZEN
from firstmile.study.queues import PILOT
from test_queues import HANG, IN, OUT, SLOW, Desk
from ui.web.studies import AT, REPORTS, make, url_of

DAY = AT[:10]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(make(tmp_path / "study", REPORTS[:4]))
    yield made
    made.close()


def to_go(desk: Desk, step: Step, rater: str) -> int:
    progress = desk.queues.progress(step, rater, day=DAY)
    return progress.total - progress.done


def shown(desk: Desk, step: Step, rater: str) -> list[str]:
    """Return all that the rater would be shown, in turn."""
    seen: list[str] = []

    def turned_away(url: str) -> bool:
        seen.append(url)
        return False

    assert desk.queues.next(step, rater, opens=turned_away) is None
    return seen


def test_nobody_verifies_what_is_labelled_by_all(desk: Desk) -> None:
    desk.keep(1)
    assert to_go(desk, Step.VERIFY, "ben") == 1
    for rater in ("ada", "ben"):
        assert desk.next(Step.VERIFY, "ben") == 1
        desk.decide(1, Step.LABEL, rater, HANG)
    assert desk.next(Step.VERIFY, "ben") is None
    assert to_go(desk, Step.VERIFY, "ben") == 0
    assert desk.queues.progress(Step.VERIFY, "ben", day=DAY).elsewhere == 1
    assert desk.queues.progress(Step.VERIFY, "ada", day=DAY).done == 1
    assert desk.queues.is_open(Step.VERIFY, "ben", url_of(1))
    desk.decide(1, Step.LABEL, "ada", None)
    assert desk.next(Step.VERIFY, "ben") == 1


def test_nobody_screens_for_others_what_is_labelled_already(tmp_path: Path) -> None:
    made = make(tmp_path / "study", REPORTS[:2])
    text = (made.path / "study.toml").read_text() + '[label]\nraters = ["ada"]\n'
    (made.path / "study.toml").write_text(text)
    desk = Desk(StudyFolder(made.path))
    desk.decide(1, Step.SCREEN, "ada", IN)
    desk.decide(1, Step.VERIFY, "ada", IN)
    assert to_go(desk, Step.SCREEN, "ben") == 2
    desk.decide(1, Step.LABEL, "ada", HANG)
    assert desk.next(Step.SCREEN, "ben") == 2
    assert to_go(desk, Step.SCREEN, "ben") == 1
    desk.close()


def test_one_reading_of_the_audits_sample_is_enough(desk: Desk) -> None:
    desk.note(AUDIT, {"issues": [url_of(3), url_of(1)]})
    assert [desk.next(Step.AUDIT, rater) for rater in ("ada", "ben")] == [3, 1]
    desk.decide(3, Step.AUDIT, "ada", OUT)
    assert desk.next(Step.AUDIT, "ben") == 1
    assert to_go(desk, Step.AUDIT, "ben") == to_go(desk, Step.AUDIT, "ada") == 1
    desk.decide(1, Step.AUDIT, "ben", OUT)
    progress = desk.queues.progress(Step.AUDIT, "ben", day=DAY)
    assert (progress.done, progress.total, progress.elsewhere) == (1, 1, 1)
    assert desk.queues.is_open(Step.AUDIT, "ben", url_of(3))


def test_adjudication_counts_ones_own_and_tells_the_others_apart(desk: Desk) -> None:
    desk.keep(1, 2)
    for number in (1, 2):
        desk.decide(number, Step.LABEL, "ada", HANG)
        desk.decide(number, Step.LABEL, "ben", SLOW)
    desk.decide(1, Step.ADJUDICATE, "ben", SLOW)
    ada, ben = (desk.queues.progress(Step.ADJUDICATE, one, day=DAY) for one in ("ada", "ben"))
    assert (ada.done, ada.total, ada.elsewhere) == (0, 1, 1)
    assert (ben.done, ben.total, ben.elsewhere) == (1, 2, 0)


def test_what_was_put_off_is_counted_only_as_long_as_it_waits(desk: Desk) -> None:
    desk.keep(1)
    desk.note(SKIPPED, {"issue": url_of(1), "step": "label", "rater": "ada"})
    assert desk.queues.progress(Step.LABEL, "ada", day=DAY).skipped == 1
    desk.decide(1, Step.VERIFY, "ada", OUT)
    assert desk.queues.progress(Step.LABEL, "ada", day=DAY).skipped == 0


NUMBER, RATER = st.integers(1, 4), st.sampled_from(["ada", "ben", "eve"])
READ = st.sampled_from([Step.SCREEN, Step.VERIFY, Step.AUDIT])
LABELLED = st.sampled_from([Step.LABEL, Step.ADJUDICATE])
DECIDED = st.one_of(
    st.tuples(NUMBER, READ, RATER, st.sampled_from([IN, IN, OUT, None])),
    st.tuples(NUMBER, LABELLED, RATER, st.sampled_from([HANG, SLOW, None])),
)
NOTED = st.tuples(
    st.sampled_from([FROZEN, AUDIT, PILOT, COMPARED, SKIPPED]),
    st.lists(NUMBER, min_size=1, max_size=3, unique=True),
    st.sampled_from(list(Step)),
    RATER,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("small") / "study", REPORTS[:4]).path


@settings(max_examples=30)
@given(st.lists(DECIDED, max_size=12), st.lists(NOTED, max_size=3))
def test_what_is_to_go_is_what_is_shown(
    small: Path,
    tmp_path_factory: pytest.TempPathFactory,
    decided: list[tuple[int, Step, str, ScreenValue | LabelValue | None]],
    noted: list[tuple[str, list[int], Step, str]],
) -> None:
    copied = shutil.copytree(small, tmp_path_factory.mktemp("copy") / "study")
    desk = Desk(StudyFolder(copied))
    for name, numbers, at, who in noted:
        issues = [url_of(number) for number in numbers]
        more = {"round": 1, "issue": issues[0], "step": at, "rater": who}
        desk.note(name, {"issues": issues, "given_up": issues, **more})
    for one in decided:
        desk.decide(*one)
    for step in Step:
        for rater in ("ada", "ben"):
            seen = shown(desk, step, rater)
            assert to_go(desk, step, rater) == len(seen) == len(set(seen))
            assert 0 <= desk.queues.progress(step, rater, day=DAY).skipped <= len(seen)
    desk.close()
