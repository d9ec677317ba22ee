"""The funnel in words: the reasons, what each step asks, and what its columns count."""

from collections.abc import Mapping
from typing import Final

from firstmile.study.funnel import given_reasons, one_reason
from firstmile.study.screening.reasons import find_reason

COLUMNS: Final = (
    "Went on: to the next step. Left: out of the study at this step, for the reasons that are "
    "counted with it. Wait: for raters to decide."
)
"""What the columns of the funnel count."""

ASKED: Final[Mapping[str, str]] = {
    "Opened in the date range": "was the issue opened between since and until of the study.toml?",
    "Keyword screen": "does its title or description hold a word of the stated list?",
    "One of each group of duplicates": "is it the one that is read of several near-identical ones?",
    "Reviewer screen": "does it report a failure, by title and description?",
    "In-depth verification": "is it a failure that belongs in the study, by the whole thread?",
    "Labelling": "which symptom, cause and stage does it have?",
}
"""What each step of the funnel asks of an issue, by the step's name."""


def reason_in_words(reason: str) -> str:
    """Return a reason as people read it: the ids of raters' and of the screen's reasons in words.

    What is no id, such as the reason of a duplicate, is in words already.
    """
    return one_reason(_in_words(one) for one in given_reasons(reason))


def _in_words(reason: str) -> str:
    found = find_reason(reason)
    return found.label.lower() if found else reason
