"""Clues: what a report speaks of (a kind of GPU, garbled text, a version), found by patterns."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import re2

_SET_BYTES: Final = 64 * 1024 * 1024


@cache
def load_clues() -> Mapping[str, str]:
    """Read the packaged clues: each one's name and its pattern (RE2), in their order."""
    text = (files("firstmile.diagnose") / "clues.toml").read_text(encoding="utf-8")
    groups = tomllib.loads(text).values()
    return {name: "|".join(patterns) for group in groups for name, patterns in group.items()}


def find_clues(text: str) -> frozenset[str]:
    """Return the names of the clues that are met anywhere in a text, in linear time."""
    names, compiled = _compiled()
    return frozenset(names[place] for place in compiled.Match(text) or ())


def clues_of_lines(lines: Iterable[bytes]) -> list[Sequence[int]]:
    """Return for each line, as UTF-8, its clues by their places among all."""
    _, compiled = _compiled()
    return [compiled.Match(line) or () for line in lines]


@cache
def _compiled() -> tuple[tuple[str, ...], re2.Set]:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _SET_BYTES
    clues = load_clues()
    compiled = re2.Set.SearchSet(options)
    for pattern in clues.values():
        compiled.Add(pattern)
    compiled.Compile()
    return tuple(clues), compiled
