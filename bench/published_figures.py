"""What is known of failures beside their texts: the published figures that come along."""

from functools import cache

from firstmile.lab.learning import Causes
from firstmile.study.embedded import read_embedded


@cache
def causes_by_symptom() -> Causes:
    """Return how many published failures had each class of cause, by class of symptom."""
    table = read_embedded().table("symptom", "cause")
    return {
        symptom: dict(zip(table.column_codes, map(int, row), strict=True))
        for symptom, row in zip(table.row_codes, table.counts, strict=True)
    }
