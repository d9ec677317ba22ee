"""Which ratings count as first, and at which levels they are compared."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agreement.labels import Book, cause, issue, of_causes
from firstmile.study.agreement import Level, Rating, Ratings, first_round, latest
from firstmile.study.agreement.ratings import categories, levels
from firstmile.study.decisions import Step
from firstmile.taxonomy import Axis, load_taxonomy

CODEBOOK = load_taxonomy()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    yield made
    made.decisions.close()


def causes(ratings: Ratings) -> dict[tuple[str, str], str | None]:
    return {(one.issue, one.rater): one.cause for one in ratings.ratings}


def test_a_label_changed_after_the_discussion_keeps_its_first_figure(book: Book) -> None:
    book.label(1, "ann", cause("hardware"))
    book.label(1, "ben", cause("environment"))
    talked = {1: book.now()}
    book.label(1, "ben", cause("hardware"))
    first = first_round(book.history(), discussed=talked)
    assert causes(first)[issue(1), "ben"] == "environment"
    assert causes(latest(book.history()))[issue(1), "ben"] == "hardware"


def test_a_label_withdrawn_before_the_discussion_does_not_count(book: Book) -> None:
    book.label(1, "ann", cause("hardware"))
    book.label(1, "ann", None)
    book.label(1, "ann", cause("api"))
    assert causes(first_round(book.history())) == {(issue(1), "ann"): "api"}


def test_a_label_withdrawn_after_the_discussion_still_counts(book: Book) -> None:
    book.label(1, "ann", cause("hardware"))
    talked = {1: book.now()}
    book.label(1, "ann", None)
    book.label(1, "ann", cause("api"))
    first = first_round(book.history(), discussed=talked)
    assert causes(first) == {(issue(1), "ann"): "hardware"}
    assert first.late == 0


def test_a_first_label_given_after_the_discussion_is_late(book: Book) -> None:
    book.label(1, "ann", cause("hardware"))
    talked = {1: book.now()}
    book.label(1, "ben", cause("hardware"))
    first = first_round(book.history(), discussed=talked)
    assert causes(first) == {(issue(1), "ann"): "hardware"}
    assert first.late == 1


def test_a_discussion_of_another_round_makes_nothing_late(book: Book) -> None:
    talked = {1: book.now()}
    book.label(1, "ann", cause("hardware"), pilot_round=2)
    assert first_round(book.history(), discussed=talked).late == 0


def test_an_adjudicated_issue_was_discussed(book: Book) -> None:
    book.label(1, "ann", cause("hardware"), pilot_round=0)
    book.label(1, "ben", cause("api"), pilot_round=0)
    book.label(1, "cid", cause("api"), step=Step.ADJUDICATE)
    book.label(1, "ben", cause("hardware"), pilot_round=0)
    book.label(1, "dora", cause("hardware"), pilot_round=0)
    first = first_round(book.history())
    assert causes(first) == {(issue(1), "ann"): "hardware", (issue(1), "ben"): "api"}
    assert first.late == 1


def test_times_with_and_without_fractions_are_ordered() -> None:
    from firstmile.study.agreement.ratings import _moment

    times = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+00:00", "2026-01-01T00:00:01Z"]
    assert sorted(map(_moment, times)) == [_moment(time) for time in times]


def test_a_withdrawn_label_is_not_the_latest(book: Book) -> None:
    book.label(1, "ann", cause("hardware"))
    book.label(1, "ann", None)
    assert latest(book.history()).ratings == ()


def test_a_rater_rates_an_issue_once() -> None:
    one = Rating(issue=issue(1), rater="ann", cause="api")
    with pytest.raises(ValueError, match="once"):
        Ratings(ratings=(one, one))


def test_each_axis_has_the_levels_that_differ() -> None:
    assert levels(Axis.SYMPTOM, CODEBOOK) == (Level.CLASS, Level.MIDDLE, Level.FINEST)
    assert levels(Axis.CAUSE, CODEBOOK) == (Level.CLASS, Level.FINEST)
    assert levels(Axis.STAGE, CODEBOOK) == (Level.CLASS,)


def test_a_code_is_compared_at_its_level() -> None:
    assert Level.CLASS.of("crash/cuda/kernel") == "crash"
    assert Level.MIDDLE.of("crash/cuda/kernel") == "crash/cuda"
    assert Level.FINEST.of("crash/cuda/kernel") == "crash/cuda/kernel"
    assert Level.MIDDLE.of("hang") == "hang"


def test_categories_are_the_terms_offered_and_those_used() -> None:
    ratings = of_causes(ann="ed")
    fine = categories(ratings, Axis.CAUSE, Level.FINEST, CODEBOOK)
    assert len(fine) == len(CODEBOOK.leaves(Axis.CAUSE)) + 1
    assert fine[0] == "environment"
    classes = categories(ratings, Axis.CAUSE, Level.CLASS, CODEBOOK)
    assert classes == tuple(term.code for term in CODEBOOK.classes(Axis.CAUSE))


def test_terms_that_cannot_apply_are_no_answers_unless_used() -> None:
    ratings = of_causes(ann="g")
    offered = categories(ratings, Axis.CAUSE, Level.CLASS, CODEBOOK, ecosystem="closed-source-sdk")
    assert "corruption" not in offered
    assert "hardware" in offered


def test_a_code_the_codebook_lost_stays_an_answer() -> None:
    lost = Ratings(ratings=(Rating(issue=issue(1), rater="ann", cause="gone/away"),))
    assert categories(lost, Axis.CAUSE, Level.CLASS, CODEBOOK)[-1] == "gone"
