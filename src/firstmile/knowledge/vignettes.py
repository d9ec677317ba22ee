"""Vignettes: invented reports, by which the classifier learns what causes look like.

Real reports are few. A language model wrote these from the codebook, each as a report that would
be classified so; nobody met these failures, and nothing is evaluated on them.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from firstmile.errors import UserError
from firstmile.taxonomy import Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Vignette:
    """One invented report; `id` is its file and line."""

    id: str
    text: str
    classification: Classification


@cache
def load_vignettes() -> tuple[Vignette, ...]:
    """Read the packaged vignettes, in order of files and lines."""
    folder = files("firstmile.knowledge") / "vignettes"
    return tuple(
        vignette
        for file in sorted(folder.iterdir(), key=lambda item: item.name)
        if file.name.endswith(".jsonl")
        for vignette in read_vignettes(file)
    )


def read_vignettes(file: Traversable) -> tuple[Vignette, ...]:
    """Read one file, a vignette a line. Raises UserError that names the line of a broken one."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            given = Classification(
                symptom=data["symptom"], cause=data["cause"], stage=data["stage"]
            )
            name = f"{file.name.removesuffix('.jsonl')}-{number}"
            found.append(Vignette(id=name, text=data["text"], classification=given))
        except (ValueError, KeyError, TypeError, UserError) as error:
            raise UserError(
                f"Line {number} of the vignettes in {file.name} cannot be read: {error}."
            ) from error
    return tuple(found)
