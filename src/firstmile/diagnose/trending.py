"""Trending: whether the numbers that training logs say that it fails, though nothing is raised."""

import math
import re
from collections.abc import Sequence
from typing import Final

from firstmile.diagnose.reading import Line

_NUMBER: Final = r"['\"]?(-?[\d.]+(?:e[+-]?\d+)?|-?nan|-?inf(?:inity)?)\b"
_LOSS: Final = re.compile(rf"['\"]loss['\"]: {_NUMBER}", re.IGNORECASE)
_RATE: Final = re.compile(rf"['\"](?:learning_rate|lr)['\"]: {_NUMBER}", re.IGNORECASE)
_FEWEST: Final = 3
_TIMES: Final = 2.0
_LEAST_GROWN: Final = 2.0
"""A loss this much above its first, and twice as high, has not merely stopped falling."""


def goes_astray(lines: Sequence[Line]) -> bool:
    """Say whether the loss has grown far above where it began, or nothing is learned at rate 0.

    A loss that is low and grows a little is common where a reward is trained for, and one that
    was high in between and fell again does no harm.
    """
    logged = [line.text for line in lines if "loss" in line.text and "{" in line.text]
    losses = _numbers(_LOSS, logged)
    rates = _numbers(_RATE, logged)
    if len(rates) >= _FEWEST and not any(rates):
        return True
    if len(losses) < _FEWEST:
        return False
    lately = losses[-_FEWEST:]
    if any(not math.isfinite(each) for each in lately):
        return all(not math.isfinite(each) for each in lately)
    first, least = losses[0], min(lately)
    return least > first + _LEAST_GROWN and least > _TIMES * abs(first)


def _numbers(pattern: re.Pattern[str], texts: Sequence[str]) -> list[float]:
    found = (pattern.search(text) for text in texts)
    return [number for each in found if each and (number := _number(each[1])) is not None]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
