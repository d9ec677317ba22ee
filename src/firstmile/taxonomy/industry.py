"""Industry initiatives that reduce failures of a cause, and what they leave open."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    """A standard, tool, project, practice or documentation; `checked` is the day of the look."""

    name: str
    kind: str
    url: str
    terms: tuple[str, ...]
    covers: str
    leaves_open: str
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseInitiatives:
    """What addresses one cause, and what no initiative covers yet."""

    cause: str
    summary: str
    open: tuple[str, ...]
    initiatives: tuple[Initiative, ...]


@cache
def load_initiatives() -> tuple[CauseInitiatives, ...]:
    """Read the packaged initiatives, one file a cause, in file-name order."""
    folder = files("firstmile.taxonomy") / "initiatives"
    found = [item for item in folder.iterdir() if item.name.endswith(".toml")]
    return tuple(
        _read(tomllib.loads(item.read_text(encoding="utf-8")))
        for item in sorted(found, key=lambda item: item.name)
    )


def _read(data: dict[str, Any]) -> CauseInitiatives:
    rows = [{**row, "terms": tuple(row["terms"])} for row in data["initiative"]]
    return CauseInitiatives(
        cause=data["cause"],
        summary=data["summary"],
        open=tuple(data["open"]),
        initiatives=tuple(Initiative(**row) for row in rows),
    )
