"""The embedded figures agree with one another, and with the rows they were counted from."""

import shutil
from importlib.resources import files
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest

from firstmile.study.counts import DIMENSIONS, Counts, NotKnown, RowCounts, Table
from firstmile.study.embedded import EmbeddedCounts, read_embedded
from firstmile.study.embedded.embedded import read_figures
from firstmile.taxonomy import Axis, load_taxonomy

PUBLISHED_TABLES = {
    ("series", "symptom"),
    ("series", "cause"),
    ("symptom", "cause"),
    ("stage", "symptom"),
    ("stage", "cause"),
    ("version", "symptom"),
    ("version", "cause"),
}

STAGED = [
    leaf.code
    for axis in (Axis.SYMPTOM, Axis.CAUSE)
    for leaf in load_taxonomy().leaves(axis)
    if leaf.stage
]


@pytest.fixture(scope="module")
def embedded() -> EmbeddedCounts:
    return read_embedded()


def table_or_none(counts: Counts, rows: str, columns: str) -> Table | None:
    try:
        return counts.table(rows, columns)
    except NotKnown:
        return None


def assert_same(one: Table, other: Table) -> None:
    """Compare two tables, over the versions that the first one has."""
    assert set(one.row_codes) <= set(other.row_codes)
    assert set(one.column_codes) <= set(other.column_codes)
    rows = [other.row_codes.index(code) for code in one.row_codes]
    columns = [other.column_codes.index(code) for code in one.column_codes]
    np.testing.assert_array_equal(one.counts, other.counts[np.ix_(rows, columns)])
    for dimension, own, others in (
        (one.rows, one.row_codes, other.row_codes),
        (one.columns, one.column_codes, other.column_codes),
    ):
        assert dimension == "version" or own == others


def test_the_figures_sum_to_706(embedded: EmbeddedCounts) -> None:
    assert embedded.total == 706
    for dimension in ("symptom", "cause", "stage", "series", "symptom_leaf", "cause_leaf"):
        assert embedded.totals(dimension).counts.sum() == 706
    assert embedded.totals("version").counts.sum() == 606


def test_the_published_tables_are_there_both_ways_round(embedded: EmbeddedCounts) -> None:
    known = {pair for pair in permutations(DIMENSIONS, 2) if table_or_none(embedded, *pair)}
    assert known == PUBLISHED_TABLES | {(b, a) for a, b in PUBLISHED_TABLES}
    for rows, columns in PUBLISHED_TABLES:
        np.testing.assert_array_equal(
            embedded.table(rows, columns).counts, embedded.table(columns, rows).counts.T
        )


def test_leaves_are_those_of_the_codebook(embedded: EmbeddedCounts) -> None:
    assert len(embedded.totals("symptom_leaf").codes) == 37
    assert len(embedded.totals("cause_leaf").codes) == 26


def test_every_table_equals_the_rows(embedded: EmbeddedCounts, published_rows: RowCounts) -> None:
    compared = 0
    for rows, columns in permutations(DIMENSIONS, 2):
        table = table_or_none(embedded, rows, columns)
        if table is not None:
            assert_same(table, published_rows.table(rows, columns))
            compared += 1
    assert compared == 14


def test_every_total_equals_the_rows(embedded: EmbeddedCounts, published_rows: RowCounts) -> None:
    compared = 0
    for dimension in DIMENSIONS:
        try:
            totals = embedded.totals(dimension)
        except NotKnown:
            continue
        by_row = published_rows.totals(dimension)
        counted = dict(zip(by_row.codes, by_row.counts.tolist(), strict=True))
        assert {c: counted[c] for c in totals.codes} == dict(
            zip(totals.codes, totals.counts.tolist(), strict=True)
        )
        compared += 1
    assert compared == 7
    assert embedded.total == published_rows.total


@pytest.mark.parametrize("pair", sorted(PUBLISHED_TABLES))
@pytest.mark.parametrize("side", [Axis.SYMPTOM, Axis.CAUSE])
def test_tables_without_a_whole_class_equal_the_rows_or_are_not_known(
    embedded: EmbeddedCounts, published_rows: RowCounts, pair: tuple[str, str], side: Axis
) -> None:
    taxonomy = load_taxonomy()
    for classes in combinations([term.code for term in taxonomy.classes(side)], 2):
        leaves = [leaf.code for code in classes for leaf in taxonomy.below(code)]
        if side in pair:
            assert_same(
                embedded.table_without(*pair, leaves), published_rows.table_without(*pair, leaves)
            )
        else:
            with pytest.raises(NotKnown, match="needs the rows"):
                embedded.table_without(*pair, leaves)


@pytest.mark.parametrize("axis", ["symptom", "cause"])
def test_the_stage_tables_without_leaves_that_name_a_stage_equal_the_rows(
    embedded: EmbeddedCounts, published_rows: RowCounts, axis: str
) -> None:
    leaves = [leaf for leaf in STAGED if load_taxonomy().term(leaf).axis == axis]
    assert leaves
    for pair in (("stage", axis), (axis, "stage")):
        assert_same(
            embedded.table_without(*pair, leaves), published_rows.table_without(*pair, leaves)
        )
    for leaf in leaves:
        assert_same(
            embedded.table_without("stage", axis, [leaf]),
            published_rows.table_without("stage", axis, [leaf]),
        )


def test_every_leaf_that_names_a_stage_is_counted_over_stages(
    embedded: EmbeddedCounts, published_rows: RowCounts
) -> None:
    assert set(embedded._by_stage) == set(STAGED)
    for axis in ("symptom_leaf", "cause_leaf"):
        table = published_rows.table(axis, "stage")
        for code in set(table.row_codes) & set(STAGED):
            by_row = table.counts[table.row_codes.index(code)]
            np.testing.assert_array_equal(embedded._by_stage[code], by_row)


def test_one_failure_contradicts_the_stage_that_its_symptom_names(
    published_rows: RowCounts,
) -> None:
    table = published_rows.table("symptom_leaf", "stage")
    assert table.cell("slow/inference", "fine-tuning") == 1


def test_a_leaf_that_names_no_stage_needs_the_rows(embedded: EmbeddedCounts) -> None:
    with pytest.raises(NotKnown, match="Out of Memory"):
        embedded.table_without("stage", "symptom", ["crash/cuda/out-of-memory"])
    with pytest.raises(NotKnown, match="over series"):
        embedded.table_without("series", "cause", ["configuration/inference"])


def test_a_leaf_of_the_third_dimension_needs_the_rows(embedded: EmbeddedCounts) -> None:
    with pytest.raises(NotKnown, match="without some of the cause leaves"):
        embedded.table_without("stage", "symptom", ["configuration/inference"])


def test_leaving_out_nothing_leaves_the_table(embedded: EmbeddedCounts) -> None:
    for leaves in ([], ["no/such-leaf"], ["configuration"]):
        np.testing.assert_array_equal(
            embedded.table_without("stage", "cause", leaves).counts,
            embedded.table("stage", "cause").counts,
        )


def test_taking_leaves_out_leaves_the_figures_alone(embedded: EmbeddedCounts) -> None:
    before = embedded.table("stage", "cause").counts.copy()
    embedded.table_without("cause", "stage", ["configuration/inference"])
    np.testing.assert_array_equal(embedded.table("stage", "cause").counts, before)


@pytest.mark.parametrize("dimension", ["repository", "architecture", "status", "period"])
def test_what_was_not_published_needs_the_rows(embedded: EmbeddedCounts, dimension: str) -> None:
    with pytest.raises(NotKnown, match=rf"^needs the rows: .* {dimension}"):
        embedded.totals(dimension)
    with pytest.raises(NotKnown, match=r"^needs the rows: .* no table of symptom by"):
        embedded.table("symptom", dimension)


def test_the_part_that_versions_cover_is_said(embedded: EmbeddedCounts) -> None:
    assert embedded.partial == {"version": "6 of 14 versions, with 606 of 706 failures"}


def test_provenance_tells_where_the_figures_are_from(embedded: EmbeddedCounts) -> None:
    where = embedded.provenance
    assert (where.kind, where.records, len(where.files)) == ("embedded", 706, 10)
    assert where.url == "https://github.com/PapersSubmit/Open-LLM-Failures"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "figures"
    folder.mkdir()
    for item in files("firstmile.study.embedded").iterdir():
        if item.name.endswith((".csv", ".toml")):
            (folder / item.name).write_bytes(item.read_bytes())
    return folder


@pytest.mark.parametrize("name", sorted(
    item.name for item in files("firstmile.study.embedded").iterdir() if item.name.endswith(".csv")
))  # fmt: skip
def test_any_figure_that_is_changed_is_seen(copy: Path, name: str) -> None:
    lines = (copy / name).read_text().splitlines()
    head, _, last = lines[1].rpartition(",")
    (copy / name).write_text("\n".join([lines[0], f"{head},{int(last) + 1}", *lines[2:]]) + "\n")
    with pytest.raises(ValueError):
        read_figures(copy)


def test_figures_under_a_code_that_is_not_in_the_codebook_are_seen(copy: Path) -> None:
    path = copy / "symptom_leaf.csv"
    path.write_text(path.read_text().replace("hang/generation", "hang/answer"))
    with pytest.raises(ValueError, match="the codes of symptom_leaf"):
        read_figures(copy)


def test_the_copy_itself_is_sound(copy: Path) -> None:
    assert read_figures(copy).total == 706
    shutil.rmtree(copy)
