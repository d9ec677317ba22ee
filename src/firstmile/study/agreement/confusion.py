"""Which class raters took for which: counts, and the file that the noise analysis reads."""

import csv
import io
from itertools import combinations

import msgspec
import numpy as np

from firstmile.statistics.agreement import confusion_matrix
from firstmile.study.agreement.ratings import Level, Ratings, categories
from firstmile.taxonomy import Axis, Taxonomy


class ClassConfusion(msgspec.Struct, frozen=True, kw_only=True):
    """How often one rater chose the class of a row where another chose that of a column.

    Rows are the rater whose name sorts first. With more than two raters all pairs of them are
    added up, so that an issue with more ratings counts more often. `pairs` is the sum.
    """

    axis: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    pairs: int


def class_confusion(ratings: Ratings, axis: Axis, codebook: Taxonomy) -> ClassConfusion:
    """Count the pairs of ratings by class, over all classes of the codebook.

    Ratings of a class that the codebook no longer has are left out.
    """
    used = categories(ratings, axis, Level.CLASS, codebook)
    codes = ratings.codes(axis, Level.CLASS, used)
    counts = np.zeros((len(used), len(used)), dtype=np.int64)
    for first, second in combinations(range(codes.shape[1]), 2):
        counts += confusion_matrix(codes[:, first], codes[:, second], categories=len(used))
    classes = tuple(term.code for term in codebook.classes(axis))
    known = [used.index(code) if code in used else None for code in classes]
    counts = np.array(
        [[0 if i is None or j is None else counts[i, j] for j in known] for i in known]
    )
    return ClassConfusion(
        axis=axis.value,
        classes=classes,
        counts=tuple(tuple(int(cell) for cell in row) for row in counts),
        pairs=int(counts.sum()),
    )


def confusion_csv(confusion: ClassConfusion) -> str:
    """Return the counts as the file that `study report --confusion AXIS=FILE` reads.

    Class codes come from the codebook, which holds no text that a spreadsheet would run.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["", *confusion.classes])
    for code, row in zip(confusion.classes, confusion.counts, strict=True):
        writer.writerow([code, *row])
    return out.getvalue()
