"""Pilot rounds: what ends one, and what its figures rest on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agreement.labels import Book, cause
from firstmile.study.agreement import (
    Bound,
    Level,
    Measure,
    Pilot,
    Target,
    first_round,
    latest,
    pilot,
)
from firstmile.study.agreement.pilot import NextStep
from firstmile.study.agreement.report import pilot_sentences
from firstmile.study.settings import Settings
from firstmile.taxonomy import Axis, load_taxonomy

SETTINGS = Settings(bootstraps=200)
CAUSES = ("environment", "configuration", "hardware", "api")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    yield made
    made.decisions.close()


def state(
    book: Book,
    *,
    discussed: dict[int, str] | None = None,
    target: Target | None = None,
    sizes: dict[int, int] | None = None,
) -> Pilot:
    history = book.history()
    return pilot(
        first_round(history, discussed=discussed),
        latest(history),
        SETTINGS,
        target=target or Target(),
        size=4,
        sizes=sizes,
        raters=("ann", "ben"),
        codebook=load_taxonomy(),
        discussed=discussed,
    )


def label_round(book: Book, number: int, *, agreeing: int, codebook: str = "1.0.0") -> None:
    """Have two raters label four issues, `agreeing` of them alike."""
    for at in range(4):
        place = 10 * number + at
        code = CAUSES[at]
        book.label(place, "ann", cause(code), pilot_round=number, codebook=codebook)
        other = code if at < agreeing else CAUSES[(at + 1) % 4]
        book.label(place, "ben", cause(other), pilot_round=number, codebook=codebook)


def test_a_pilot_starts_with_labelling(book: Book) -> None:
    assert state(book).next_step is NextStep.START


def test_an_incomplete_round_asks_for_the_missing_labels(book: Book) -> None:
    book.label(1, "ann", cause("api"))
    found = state(book)
    assert found.next_step is NextStep.LABEL
    assert found.rounds[0].lacking == 7


def test_an_incomplete_round_has_not_reached_the_target(book: Book) -> None:
    for number, code in enumerate(CAUSES[:3]):
        book.label(number, "ann", cause(code))
        book.label(number, "ben", cause(code))
    found = state(book)
    assert found.rounds[0].reached.estimate == 1
    assert not found.rounds[0].met
    assert found.next_step is NextStep.LABEL


def test_a_round_below_the_target_is_discussed_and_then_the_next_one_comes(book: Book) -> None:
    label_round(book, 1, agreeing=2)
    assert state(book).next_step is NextStep.DISCUSS
    assert state(book, discussed={1: book.now()}).next_step is NextStep.NEXT_ROUND


def test_a_round_that_reaches_the_target_ends_the_pilot(book: Book) -> None:
    label_round(book, 1, agreeing=4)
    found = state(book)
    assert found.rounds[0].met
    assert found.next_step is NextStep.DONE


def test_agreement_after_the_discussion_does_not_reach_the_target(book: Book) -> None:
    label_round(book, 1, agreeing=2)
    talked = {1: book.now()}
    before = state(book, discussed=talked).rounds[0]
    for at in range(4):
        book.label(10 + at, "ben", cause(CAUSES[at]))
    after = state(book, discussed=talked).rounds[0]
    assert after.first == before.first
    assert after.reached == before.reached
    assert not after.met
    assert after.after is not None
    assert after.after.axis(Axis.CAUSE).at(Level.CLASS).percent.estimate == 1


def test_a_later_round_leaves_the_first_one_as_it_was(book: Book) -> None:
    label_round(book, 1, agreeing=2)
    talked = {1: book.now()}
    before = state(book, discussed=talked).rounds[0]
    label_round(book, 2, agreeing=4, codebook="1.1.0")
    found = state(book, discussed=talked)
    assert found.rounds[0] == before
    assert [(one.number, one.codebook, one.met) for one in found.rounds] == [
        (1, "1.0.0", False),
        (2, "1.1.0", True),
    ]
    assert found.next_step is NextStep.DONE


def test_a_codebook_changed_within_a_round_splits_its_figures(book: Book) -> None:
    book.label(1, "ann", cause("api"))
    book.label(1, "ben", cause("api"))
    book.label(2, "ann", cause("api"), codebook="1.1.0")
    found = state(book)
    assert [(one.number, one.codebook) for one in found.rounds] == [(1, "1.0.0"), (1, "1.1.0")]
    assert found.next_step is NextStep.LABEL


def label_open_round(book: Book, told: int) -> Pilot:
    """Have two raters agree on four issues, of which one of them cannot tell all but `told`."""
    for at, code in enumerate(CAUSES):
        book.label(at, "ann", cause(code))
        book.label(at, "ben", cause(code if at < told else None))
    return state(book)


def test_a_round_that_raters_could_mostly_not_tell_has_not_reached_the_target(book: Book) -> None:
    found = label_open_round(book, 1)
    assert found.rounds[0].reached.estimate == 1
    assert (found.rounds[0].told, found.rounds[0].met) == (1, False)
    assert found.next_step is NextStep.DISCUSS
    said = " ".join(pilot_sentences(found))
    assert "target not met (n = 1): all raters could tell only 1 of 4 issues." in said
    assert "in a round of which all raters could tell at least half of the issues" in said


def test_half_of_a_round_is_enough_to_reach_the_target(book: Book) -> None:
    found = label_open_round(book, 2)
    assert found.rounds[0].met
    assert "target met (n = 2)." in " ".join(pilot_sentences(found))


def test_the_lower_bound_is_harder_to_reach(book: Book) -> None:
    label_round(book, 1, agreeing=3)
    point = Target(at=0.5, measure=Measure.KAPPA)
    assert state(book, target=point).rounds[0].met
    low = Target(at=0.5, measure=Measure.KAPPA, bound=Bound.LOW)
    assert not state(book, target=low).rounds[0].met


def test_a_last_round_can_be_smaller(book: Book) -> None:
    book.label(1, "ann", cause("api"))
    book.label(1, "ben", cause("api"))
    assert state(book).rounds[0].lacking == 6
    assert state(book, sizes={1: 1}).rounds[0].lacking == 0


def test_labels_outside_the_pilot_make_no_round(book: Book) -> None:
    book.label(1, "ann", cause("api"), pilot_round=0)
    assert state(book).rounds == ()
