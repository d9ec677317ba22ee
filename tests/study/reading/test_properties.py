"""What holds for any labelled set: order does not matter, and parts add up."""

import json
import random
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.study.counts import DIMENSIONS, NotKnown, RowCounts
from firstmile.study.failures import Failures, merge
from firstmile.study.reading import read_source
from firstmile.taxonomy import Axis, load_taxonomy
from reading.sources import Row

LABELS = {axis: [term.label for term in load_taxonomy().of(axis)] for axis in Axis}

ROW = st.fixed_dictionaries(
    {
        "SYMPTOM": st.sampled_from(LABELS[Axis.SYMPTOM]),
        "ROOT CAUSE": st.sampled_from(LABELS[Axis.CAUSE]),
        "STAGE": st.sampled_from([*LABELS[Axis.STAGE], "inference "]),
    },
    optional={
        "link": st.sampled_from(
            [f"https://github.com/example/{name}/issues/{n}" for name in "ab" for n in (1, 2)]
        ),
        "model": st.sampled_from(["Qwen2", "llama", "DeepSeek-V3", "other"]),
        "status": st.sampled_from(["open", "closed"]),
        "architecture": st.sampled_from(["Dense", "MoE"]),
    },
)
ROWS = st.lists(ROW, min_size=1, max_size=12)


def read(**files: list[Row]) -> Failures:
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in files.items():
            (Path(folder) / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
        return read_source(folder).failures


def cells(failures: Failures) -> Counter[tuple[str, ...]]:
    """Return every count of every table that the failures give."""
    counts, found = RowCounts(failures), Counter[tuple[str, ...]]()
    for rows in DIMENSIONS:
        for columns in DIMENSIONS:
            try:
                table = counts.table(rows, columns)
            except NotKnown:
                continue
            for i, j in zip(*np.nonzero(table.counts), strict=True):
                found[rows, columns, table.row_codes[i], table.column_codes[j]] += int(
                    table.counts[i, j]
                )
    return found


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_records_changes_neither_counts_nor_categories(
    rows: list[Row], chance: random.Random
) -> None:
    first = read(set=rows)
    chance.shuffle(rows)
    second = read(set=rows)
    assert cells(second) == cells(first)
    for name, column in first.columns.items():
        assert second.columns[name].categories == column.categories


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS)
def test_merging_two_sources_equals_reading_both(one: list[Row], two: list[Row]) -> None:
    both = read(a=one, b=two)
    merged = merge([read(a=one), read(b=two)])
    assert len(merged) == len(both) == len(one) + len(two)
    assert cells(merged) == cells(both)


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS)
def test_the_names_of_files_change_neither_counts_nor_categories(
    one: list[Row], two: list[Row]
) -> None:
    first, second = read(a=one, b=two), read(a=two, b=one)
    assert cells(first) == cells(second)
    for name, column in first.columns.items():
        assert second.columns[name].categories == column.categories


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_every_record_is_counted(rows: list[Row]) -> None:
    failures = read(set=rows)
    assert RowCounts(failures).table("symptom", "cause").total == len(rows)
    for field, name in (("link", "issue"), ("model", "version"), ("status", "status")):
        known = sum(field in row for row in rows)
        column = failures.columns.get(name)
        assert known == (0 if column is None else int((column.codes >= 0).sum()))
