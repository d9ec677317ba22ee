"""Names of a hostile folder stay inert in every remedy: a person copies these into a shell."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec
import pytest

from firstmile.check.running import judge_one
from firstmile.check.unit import Check, check_id, find_checks
from firstmile.findings import Finding, Outcome

MARK: Final = "zq7"
SIGNS: Final = "$(x) ;`y`'\"|&<x>"
"""What a shell acts on; within single quotes nothing of it does."""
TEXTS: Final = (f"{SIGNS}{MARK}", f"\n{SIGNS}{MARK}")
SHORTEST: Final = 3
"""A text of fewer characters stands in too many places to say that a remedy has it from there."""
PART: Final = re.compile(r"[^/_ +-]{3,}|[^\W_]{3,}")
LEADS_AWAY: Final = re.compile(rf"(?:^|[\s'\"])(?:-|/|\S*\.\./)\S*{MARK}")
OURS: Final = frozenset({("Impossible", "words"), ("Argument", "lacks")})
"""Fields whose words are written by firstmile."""
QUOTED: Final = re.compile(rf"'[^']*{MARK}[^']*'")


@pytest.mark.parametrize("check", find_checks(), ids=check_id)
def test_nothing_that_a_folder_names_acts_in_a_remedy(check: Check) -> None:
    for example in check.examples():
        if example.outcome not in (Outcome.FAIL, Outcome.WARN):
            continue
        data = (example.snapshot, example.intent)
        remedies = remedies_of(judge_one(check, *data))
        files = files_of(example.snapshot)
        for text in sorted({*files, *named_in(remedies, texts_of(data))}):
            for hostile in variants(text, is_file=text in files):
                changed = replaced(data, {text: hostile})
                for remedy in remedies_of(judge_one(check, *changed)):
                    assert is_inert(remedy, hostile), (hostile, remedy)


def remedies_of(findings: tuple[Finding, ...]) -> list[str]:
    """Return what findings say is to be done."""
    return [each.remedy for each in findings if each.remedy is not None]


def named_in(remedies: list[str], texts: set[str]) -> Iterator[str]:
    """Yield the texts that a remedy has from the example, whole or in a part."""
    for text in texts:
        parts = {text, *PART.findall(text)} if len(text) < 200 else {text}
        if any(len(one) >= SHORTEST and one in each for one in parts for each in remedies):
            yield text


def variants(text: str, *, is_file: bool) -> Iterator[str]:
    """Yield a text with what a shell acts on behind, before and within it."""
    path = PurePosixPath(text)
    for hostile in TEXTS:
        yield f"{text}{hostile}"
        yield f"{hostile}{text}"
        if path.suffix:
            yield f"{text.removesuffix(path.suffix)}{hostile}{path.suffix}"
            yield text.replace(".", f".{hostile}.", 1)
    if is_file:
        yield from (f"{away}{MARK}{text}" for away in ("-", "/", "../", "a/../../"))


def is_inert(remedy: str, hostile: str) -> bool:
    """Say whether a remedy has nothing of a hostile text but within single quotes.

    A file's name there must lead nowhere else, and be no option.
    """
    if MARK not in remedy and "$(x)" not in remedy:
        return True
    if SIGNS in hostile:
        left = QUOTED.sub("", remedy.replace("'\"'\"'", ""))
        return MARK not in left and not any(one in left for one in ("$(x)", "`y`"))
    return not LEADS_AWAY.search(remedy)


def files_of(snapshot: Any) -> set[str]:
    """Return the names of the files of both folders, and those that are named there."""
    found: set[str] = set()
    for model in (snapshot.model, snapshot.base):
        if model is not None:
            found |= {one.path for one in model.files}
            found |= set(model.index.weight_map.values()) if model.index is not None else set()
    return found


def texts_of(data: Any) -> set[str]:
    """Return all texts of a structure."""
    found: set[str] = set()

    def noted(text: str) -> str:
        found.add(text)
        return text

    mapped(data, noted)
    return found


def replaced(data: Any, change: dict[str, str]) -> Any:
    """Return a structure in which a text is another one wherever it stands."""
    return mapped(data, lambda text: change.get(text, text))


def mapped(data: Any, change: Callable[[str], str]) -> Any:
    """Return a structure with each of its texts changed, in keys too."""
    if isinstance(data, str):
        return change(data) if type(data) is str else data
    if isinstance(data, tuple | list | set | frozenset):
        return type(data)(mapped(one, change) for one in data)
    if isinstance(data, dict):
        return {mapped(key, change): mapped(one, change) for key, one in data.items()}
    if isinstance(data, msgspec.Struct):
        kind = type(data).__name__
        names = [name for name in data.__struct_fields__ if (kind, name) not in OURS]
        return msgspec.structs.replace(
            data, **{name: mapped(getattr(data, name), change) for name in names}
        )
    if is_dataclass(data) and not isinstance(data, type):
        parts = {one.name: mapped(getattr(data, one.name), change) for one in fields(data)}
        return type(data)(**parts)
    return data
