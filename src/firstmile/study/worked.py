"""Tiny sets of labelled failures, for worked examples and tests."""

from collections.abc import Sequence

import numpy as np

from firstmile.study.analysis import Example
from firstmile.study.counts import RowCounts
from firstmile.study.failures import Column, Failures
from firstmile.taxonomy import Axis, load_taxonomy


def rows(*groups: tuple[str, str, str, int], **columns: Sequence[str]) -> RowCounts:
    """Return counts of groups (symptom leaf, cause leaf, stage, how many failures).

    Each further column gives one value a group, which all its failures share; `created` gives
    days.
    """
    taxonomy = load_taxonomy()
    times = [group[3] for group in groups]

    def spread(values: Sequence[str], order: tuple[str, ...] = ()) -> Column:
        repeated = [v for v, n in zip(values, times, strict=True) for _ in range(n)]
        return Column.of(repeated, order)

    leaves = {axis: tuple(t.code for t in taxonomy.leaves(axis)) for axis in Axis}
    held = {
        "symptom_leaf": spread([g[0] for g in groups], leaves[Axis.SYMPTOM]),
        "cause_leaf": spread([g[1] for g in groups], leaves[Axis.CAUSE]),
        "stage": spread([g[2] for g in groups], leaves[Axis.STAGE]),
    }
    days = columns.pop("created", None)
    created = None
    if days is not None:
        repeated = [day for day, n in zip(days, times, strict=True) for _ in range(n)]
        created = np.array(repeated, dtype="datetime64[D]")
    further = {name: spread(values) for name, values in columns.items()}
    return RowCounts(Failures(columns=held | further, created=created))


def nine_to_one(
    stages: tuple[str, str] = ("inference", "inference"), **columns: tuple[str, str]
) -> Example:
    """Return two symptoms, each of one cause, crossed with two groups: 9 to 1, and 1 to 9.

    Each column gives the groups' values. By hand: 5 are expected in each of the four cells, so
    chi-square is 4 x (9 - 5)^2 / 5 = 12.8, and V is the root of 12.8 / 20, 0.8.
    """
    first, second = stages
    return Example(
        counts=rows(
            ("crash/process-killed", "hardware/cpu-memory", first, 9),
            ("crash/process-killed", "hardware/cpu-memory", second, 1),
            ("loading/tokenizer", "tokenizer/file", first, 1),
            ("loading/tokenizer", "tokenizer/file", second, 9),
            **{name: values * 2 for name, values in columns.items()},
        ),
        check=lambda result: (
            round(result.chi_square, 4) == 12.8 and round(result.cramers_v, 4) == 0.8
        ),
    )
