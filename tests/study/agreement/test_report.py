"""Agreement in words, as a page, and in plain form."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agreement.labels import Book, cause
from firstmile.rendering.document import all_figures, all_grids
from firstmile.rendering.tables import csv_text
from firstmile.study.agreement import (
    AgreementReport,
    Target,
    data,
    document,
    make_report,
    sentences,
)
from firstmile.study.settings import Settings, read_confusions
from firstmile.study.writing import as_json, write_document
from firstmile.taxonomy import load_taxonomy

CODES = (
    "environment/cuda-version",
    "environment/dependency-library",
    "hardware/gpu-memory",
    "configuration/inference",
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    yield made
    made.decisions.close()


def report(book: Book, discussed: dict[int, str] | None = None) -> AgreementReport:
    return make_report(
        book.history(),
        Settings(bootstraps=100),
        codebook=load_taxonomy(),
        target=Target(at=0.8),
        size=8,
        discussed=discussed,
    )


def fill(book: Book, raters: tuple[str, ...] = ("ann", "ben")) -> None:
    for at in range(8):
        for place, rater in enumerate(raters):
            shift = place if at % 3 == 0 else 0
            book.label(at, rater, cause(CODES[(at + shift) % 4]))


def test_nobody_has_labelled(book: Book) -> None:
    assert sentences(report(book)) == ("Nobody has labelled an issue yet.",)
    assert document(report(book)).sections == ()


def test_one_rater_is_told_that_another_is_needed(book: Book) -> None:
    book.label(1, "ann", cause("api"))
    needed = "Agreement needs issues that two raters labelled; until then none can be published."
    assert sentences(report(book))[-1] == needed


def test_sentences_name_raters_figures_and_boundaries(book: Book) -> None:
    fill(book)
    spoken = " ".join(sentences(report(book)))
    assert "8 issues labelled by 2 raters (ann and ben), 8 of them by two or more." in spoken
    assert "Root causes, classes: agreement 75.0%" in spoken
    assert "Root causes, finest level: agreement 62.5%" in spoken
    assert "33.3% of the disagreement about root causes is between" in spoken
    assert "Symptoms could not be told in 16 of 16 labels" in spoken
    assert "Round 1 (codebook 1.0.0, 8 issues labelled twice): 0.73" in spoken
    assert (
        "target not met (n = 8). Next: the target was missed, so discuss the disagreements, mend "
        "the codebook, and label another round of 8 issues."
    ) in spoken


def test_a_codebook_is_not_changed_for_one_issue(book: Book) -> None:
    for number, other in enumerate(("hardware", "environment", "environment")):
        book.label(number, "ann", cause("environment"))
        book.label(number, "ben", cause(other))
    (said,) = [one for one in sentences(report(book)) if "of the disagreement" in one]
    assert said.endswith("(1 issue).")


def test_terms_that_raters_part_over_are_named_by_their_labels(book: Book) -> None:
    for number in range(3):
        book.label(number, "ann", cause("environment/cuda-version"))
        book.label(number, "ben", cause("hardware/gpu-memory"))
    found = report(book)
    (said,) = [one for one in sentences(found) if "of the disagreement" in one]
    labels = [load_taxonomy().term(code).label for code in (CODES[0], CODES[2])]
    assert f"between {labels[0]} and {labels[1]} (3 issues)" in said
    grids = {grid.id: grid for grid in all_grids(document(found))}
    assert list(grids["agreement-cause-boundaries"].rows[0][:2]) == labels


def test_published_sentences_tell_raters_nothing(book: Book) -> None:
    for number in range(3):
        book.label(number, "ann", cause("environment"))
        book.label(number, "ben", cause("hardware"))
    spoken, published = (
        " ".join(sentences(report(book), advice=advice)) for advice in (True, False)
    )
    assert "(3 issues): the codebook has" in spoken
    assert "(3 issues)." in published


def test_how_many_labels_reach_a_finest_term_is_said(book: Book) -> None:
    for number in range(3):
        book.label(number, "ann", cause("environment"))
        book.label(number, "ben", cause("environment/cuda-version"))
    assert "3 of 6 labels of root causes reach a finest term of the codebook." in sentences(
        report(book)
    )


def test_labels_mended_after_the_discussion_stand_beside_the_first(book: Book) -> None:
    fill(book)
    talked = {1: book.now()}
    for at in (0, 3, 6):
        book.label(at, "ben", cause(CODES[at % 4]))
    book.label(9, "ben", cause("api"))
    found = report(book, talked)
    spoken = " ".join(sentences(found))
    assert "1 label left out: first given after the issue had been discussed" in spoken
    assert "agreement 75.0%" in spoken
    assert "after discussion 1.00" in spoken
    assert "As the labels stand now" in spoken


def test_a_hostile_name_is_made_inert(book: Book) -> None:
    fill(book, ("ann", "b\x1b[31men"))
    assert not any("\x1b" in sentence for sentence in sentences(report(book)))


def test_three_raters_are_weighed(book: Book) -> None:
    fill(book, ("ann", "ben", "cid"))
    spoken = " ".join(sentences(report(book)))
    assert "by Dawid and Skene's estimate the raters are right with" in spoken
    assert "Cohen's kappa from" in spoken


def test_the_page_holds_grids_figures_and_links(book: Book, tmp_path: Path) -> None:
    fill(book, ("ann", "ben", "cid"))
    found = report(book)
    laid = document(found)
    assert "agreement-cause-coefficients" in [figure.id for figure in all_figures(laid)]
    grids = {grid.id: grid for grid in all_grids(laid)}
    boundaries = grids["agreement-cause-boundaries"]
    assert (boundaries.links or {})[0, 7] == boundaries.rows[0][7]
    page = write_document(laid, data(found), tmp_path / "out")
    text = page.read_text(encoding="utf-8")
    assert "Which root causes raters part over" in text
    table = tmp_path / "out/tables/agreement-cause-confusion.csv"
    assert read_confusions([f"cause={table}"])["cause"].shape == (9, 9)


def test_the_confusion_grid_is_the_file_that_the_report_reads(book: Book, tmp_path: Path) -> None:
    fill(book)
    grids = {grid.id: grid for grid in all_grids(document(report(book)))}
    path = tmp_path / "cause.csv"
    path.write_text(csv_text(grids["agreement-cause-confusion"]), encoding="utf-8")
    assert read_confusions([f"cause={path}"])["cause"][0, 0] < 1


def test_plain_data_is_json(book: Book) -> None:
    fill(book, ("ann", "ben", "cid"))
    again = json.loads(as_json(data(report(book))))
    assert again["agreement"]["first"]["axes"][1]["axis"] == "cause"
    assert again["agreement"]["pilot"]["next_step"] == "discuss"
