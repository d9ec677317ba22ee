"""Agreement on real ratings with gaps: the tags of six raters in the dl-faults data.

A tag that contains "false positive" is one category, any other tag the other. The figures
without an interval were computed with irrCAC 0.4.4, the others stand in the data's README.

Round 2 has no second tags: what looks like their column, right of the second rater, holds the
third raters' names, and the one column without a header is empty. Reading names as tags gives
other figures (they count as "any other" tag), which are asserted here only to tell where
they come from.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import openpyxl
import pytest

from firstmile.statistics.agreement import (
    Coefficient,
    agreement_interval,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac1_standard_error,
    krippendorff_alpha,
)

Ratings = npt.NDArray[np.int64]
Sheet = tuple[list[str | None], list[tuple[str | None, ...]]]


@pytest.fixture(scope="module")
def sheets(data_folder: Path) -> list[Sheet]:
    """Return the header and the rows of each of the six rounds."""
    return [read(data_folder / "dl-faults" / f"round_{number}.xlsx") for number in range(1, 7)]


@pytest.fixture(scope="module")
def ratings(sheets: list[Sheet]) -> Ratings:
    return with_two_raters(codes(sheets, after_second_rater=False))


def read(path: Path) -> Sheet:
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    number = path.stem.removeprefix("round_")
    header, *rows = workbook[f"Round {number} All"].iter_rows(values_only=True)
    workbook.close()
    return list(header), [row for row in rows if any(cell is not None for cell in row)]


def codes(sheets: list[Sheet], *, after_second_rater: bool) -> Ratings:
    """Return the ratings (artifacts, 4): 1 for a false positive, 0 for any other tag."""
    artifacts = []
    for header, rows in sheets:
        columns: list[int | None] = []
        for rater in range(1, 5):
            if f"Tag{rater}" in header:
                columns.append(header.index(f"Tag{rater}"))
            elif after_second_rater:
                columns.append(header.index(f"Evaluator{rater}") + 1)
            else:
                columns.append(None)
        for row in rows:
            tags = [None if column is None else row[column] for column in columns]
            artifacts.append([-1 if tag is None else "false positive" in tag for tag in tags])
    return np.array(artifacts, dtype=np.int64)


def with_two_raters(ratings: Ratings) -> Ratings:
    twice: npt.NDArray[np.bool_] = (ratings >= 0).sum(axis=1) >= 2
    return ratings[twice]


def test_1059_artifacts_were_rated_and_983_of_them_twice(sheets: list[Sheet]) -> None:
    everything = codes(sheets, after_second_rater=False)
    assert everything.shape == (1059, 4)
    assert len(with_two_raters(everything)) == 983


@pytest.mark.parametrize(
    ("coefficient", "low", "high"),
    [
        (Coefficient.GWET_AC1, 0.566, 0.656),
        (Coefficient.KRIPPENDORFF_ALPHA, 0.521, 0.614),
        (Coefficient.FLEISS_KAPPA, 0.56012, 0.65066),  # irrCAC
    ],
)
def test_bootstrap_bounds_are_within_005_of_the_analytic_ones(
    ratings: Ratings, coefficient: Coefficient, low: float, high: float
) -> None:
    interval = agreement_interval(
        ratings,
        coefficient=coefficient,
        categories=2,
        replicates=10_000,
        generator=np.random.default_rng(1),
    )
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.005)


def test_coefficients_are_those_of_the_reference(ratings: Ratings) -> None:
    assert figures(ratings) == {"AC1": 0.611, "kappa": 0.605, "alpha": 0.568}
    error = gwet_ac1_standard_error(ratings, categories=2)
    assert error == pytest.approx(0.0228951053, abs=1e-10)  # irrCAC


def test_artifacts_with_one_rater_move_what_is_expected_by_chance(sheets: list[Sheet]) -> None:
    everything = codes(sheets, after_second_rater=False)
    assert figures(everything) == {"AC1": 0.610, "kappa": 0.606, "alpha": 0.568}  # irrCAC


def test_columns_without_a_header_hold_nothing(sheets: list[Sheet]) -> None:
    for header, rows in sheets:
        unnamed = [column for column, name in enumerate(header) if name is None]
        assert unnamed
        assert {row[column] for row in rows for column in unnamed} == {None}


def test_round_2_has_the_third_raters_names_where_the_second_tags_should_be(
    sheets: list[Sheet],
) -> None:
    header, rows = sheets[1]
    assert "Tag2" not in header
    column = header.index("Evaluator2") + 1
    assert header[column] == "Evaluator3"
    assert {row[column] for row in rows} <= {None, "E1", "E2", "E3", "E4", "E5", "E6"}


def test_reading_raters_names_as_tags_moves_the_figures(sheets: list[Sheet]) -> None:
    misread = with_two_raters(codes(sheets, after_second_rater=True))
    assert len(misread) == 983
    assert figures(misread) == {"AC1": 0.625, "kappa": 0.619, "alpha": 0.571}  # irrCAC


@pytest.mark.parametrize(
    ("agreeing", "expected"),
    [
        (True, {"AC1": 0.652, "kappa": 0.648, "alpha": 0.602}),
        (False, {"AC1": 0.494, "kappa": 0.489, "alpha": 0.454}),
    ],
)
def test_what_the_second_tags_of_round_2_could_have_changed(
    sheets: list[Sheet], *, agreeing: bool, expected: dict[str, float]
) -> None:
    """Assume that all second raters of round 2 agreed with the first, or none did; irrCAC."""
    everything = codes(sheets, after_second_rater=False)
    start = len(sheets[0][1])
    round_2 = everything[start : start + len(sheets[1][1])]
    assert (round_2[:, 1] == -1).all()
    round_2[:, 1] = round_2[:, 0] if agreeing else 1 - round_2[:, 0]
    assert figures(with_two_raters(everything)) == expected


def figures(ratings: Ratings) -> dict[str, float]:
    values = {
        "AC1": gwet_ac1(ratings, categories=2),
        "kappa": fleiss_kappa(ratings, categories=2),
        "alpha": krippendorff_alpha(ratings, categories=2),
    }
    return {name: round(value, 3) for name, value in values.items() if value is not None}
