"""What no report may say or show: sentences that no person would write, tables out of shape."""

import re

import numpy as np

from firstmile.rendering.document import Grid

UNSPOKEN = re.compile(r"\b(nan|None|inf|NaN|True|False)\b|[{}<>]|0x|array\(|Struct|-0\.0+(?!\d)")


def spoken_badly(sentences: tuple[str, ...]) -> list[str]:
    """Return the sentences that no person would write."""
    return [
        sentence
        for sentence in sentences
        if not sentence.strip()
        or not sentence.endswith(".")
        or sentence.endswith("..")
        or "  " in sentence
        or UNSPOKEN.search(sentence.replace("p < .001", "").replace("q < .001", ""))
    ]


def wrong_grids(grids: tuple[Grid, ...]) -> list[str]:
    """Return what is wrong with the shape of grids."""
    found = []
    for grid in grids:
        if not grid.caption or not grid.header or not grid.rows:
            found.append(f"{grid.id} has no caption, header or rows")
        if any(len(row) != len(grid.header) for row in grid.rows):
            found.append(f"{grid.id} has a row of another length than its header")
        if any(isinstance(v, float) and not np.isfinite(v) for row in grid.rows for v in row):
            found.append(f"{grid.id} holds nan or infinity")
        if any(not isinstance(v, str | int | float | None) for row in grid.rows for v in row):
            found.append(f"{grid.id} holds something that is no value")
        if any(place >= len(grid.header) for place in grid.decimals or {}):
            found.append(f"{grid.id} rounds a column that it lacks")
    return found
