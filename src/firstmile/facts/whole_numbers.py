"""Whole numbers in texts from outside, read with a bound on their length."""

from typing import Final

MOST_DIGITS: Final = 18
"""What counts, numbers or measures anything has fewer; Python refuses to read 4,300 at once."""


def whole_number(text: str) -> int | None:
    """Return a number that is written in the digits 0 to 9 alone; None for anything else."""
    is_number = len(text) <= MOST_DIGITS and text.isascii() and text.isdigit()
    return int(text) if is_number else None
