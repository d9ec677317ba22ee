"""What an analysis run is told: seed, replicates, confidence, margins."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.statistics.relabeling import disagreement_confusion
from firstmile.taxonomy import Axis, load_taxonomy

FloatArray = npt.NDArray[np.float64]

LONGEST_COUNT: Final = 15
"""Digits of a count that a float still holds exactly."""
LONGEST_QUOTE: Final = 60
"""Characters of a cell that a message repeats."""

NOISE_RATES: Final = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that decides a result besides the data.

    `margin` is the total variation up to which two profiles count as alike.
    `confusions` maps "symptom" or "cause" to a row-stochastic matrix over the classes, in
    codebook order: the chance that a failure labelled i is relabelled j.
    """

    seed: int = 705
    permutations: int = 9_999
    bootstraps: int = 10_000
    noise_replicates: int = 1_000
    confidence: float = 0.95
    false_discovery_rate: float = 0.05
    margin: float = 0.10
    noise_rates: tuple[float, ...] = NOISE_RATES
    confusions: dict[str, FloatArray] = field(default_factory=dict)

    def generator(self, *purpose: str) -> np.random.Generator:
        """Return a random stream of its own for a purpose.

        Streams depend on seed and purpose alone, so that adding an analysis or changing the
        order of the rows changes no other number.
        """
        digest = hashlib.sha256("\x1f".join((str(self.seed), *purpose)).encode()).digest()
        return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def read_confusions(options: Sequence[str]) -> dict[str, FloatArray]:
    """Read confusion matrices given as AXIS=FILE, AXIS being symptom or cause.

    A file is a square CSV of counts: header and first column hold class codes or labels, each
    cell how often one rater chose the row where the other chose the column. Classes that are
    not in it are taken as never confused. Raises UserError naming the file and the place.
    """
    found: dict[str, FloatArray] = {}
    for option in options:
        axis, _, name = option.partition("=")
        if axis not in (Axis.SYMPTOM, Axis.CAUSE) or not name:
            raise UserError(f"--confusion needs symptom=FILE or cause=FILE, not {_quoted(option)}.")
        if axis in found:
            raise UserError(f"--confusion gives {axis} twice; name one file for it.")
        found[axis] = disagreement_confusion(_confusion_counts(Path(name), Axis(axis)))
    return found


def _confusion_counts(path: Path, axis: Axis) -> FloatArray:
    name = visible(path.name)
    try:
        reader = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name} cannot be read as a CSV file in UTF-8: check the path.") from error
    if len(rows) < 2:
        raise UserError(f"{name} holds no confusion matrix: it needs a header and a row a class.")
    classes = load_taxonomy().classes(axis)
    place = {term.code: at for at, term in enumerate(classes)}
    place |= {term.label: at for at, term in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)))

    def at(label: str, line: int, seen: set[int]) -> int:
        found = place.get(label.strip())
        if found is None:
            known = ", ".join(term.code for term in classes)
            raise UserError(
                f"{name}, line {line}: {_quoted(label)} is no {axis.value} class ({known})."
            )
        if found in seen:
            raise UserError(f"{name}, line {line}: {_quoted(label)} stands in it twice.")
        seen.add(found)
        return found

    (first, header), *below = rows
    across: set[int] = set()
    down: set[int] = set()
    columns = [at(label, first, across) for label in header[1:]]
    for line, row in below:
        if len(row) != len(header):
            raise UserError(
                f"{name}, line {line}: {len(row)} cells where the header has {len(header)}."
            )
        own = at(row[0], line, down)
        for column, cell in zip(columns, row[1:], strict=True):
            if not cell.strip().isdecimal() or len(cell.strip()) > LONGEST_COUNT:
                raise UserError(f"{name}, line {line}: {_quoted(cell)} is no count.")
            counts[own, column] = int(cell)
    return counts


def _quoted(text: str) -> str:
    return f"'{visible(text[:LONGEST_QUOTE])}'"
