"""Files that hold raters' labels rather than the final ones: a row for each rater of an issue."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from firstmile.errors import UserError
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.reading.records import RawFile

RATER: Final = frozenset({"rater", "raters", "annotator", "coder", "labeler", "labeller"})
"""Columns that say who labelled a row, in lower case."""


def rater_column(file: RawFile) -> str | None:
    """Return the column that says who labelled each row, None where there is none."""
    return next((name for name in file.unread if name.strip().casefold() in RATER), None)


def refuse_rows_of_raters(files: Iterable[RawFile]) -> None:
    """Raise UserError where an issue has a row for each of its raters.

    Each of them would count as a failure, and which one is final the file does not say: where
    raters differ somebody has to decide, and leaving those issues out would change every share.
    """
    for file in files:
        column, issue = rater_column(file), file.columns.get("issue")
        if column is None or issue is None:
            continue
        often = int((np.bincount(issue.codes[issue.codes >= 0]) > 1).sum())
        if often:
            stand = "1 issue stands" if often == 1 else f"{often:,} issues stand"
            raise UserError(
                f"{shown(file.read.name)} holds labels of single raters (column {quoted(column)}; "
                f"{stand} in several rows), each of which would count as a failure: give the final "
                "labels, one row an issue, such as the study's folder after firstmile study "
                "publish."
            )
