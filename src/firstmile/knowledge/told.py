"""Told: what answers tell of entries and cases, in one file, for who answers many reports.

To read the files of all entries and cases takes as long as to judge a hundred reports. `told.json`
is generated (`indexing`) and committed. It is only a shortcut: where it does not agree with the
files, they are read instead.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from firstmile.knowledge import index
from firstmile.knowledge.cases import Case, Outcome, load_case
from firstmile.knowledge.entries import PACKAGED, Entry, LatePage, Told
from firstmile.taxonomy import Classification
from firstmile.taxonomy.shortcut import agrees, read_shortcut

FILE: Final = Path(__file__).with_name("told.json")
CASEBOOK: Final = Path(__file__).with_name("casebook")
CASE_SUFFIX: Final = ".toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """What is told of a case that is alike."""

    id: str
    url: str
    title: str
    classification: Classification
    outcome: Outcome
    resolution: str


def with_told(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries, the packaged ones with what an answer tells of them."""
    found = _read()
    if not agrees(FILE, PACKAGED, index.SUFFIX, found.get("entry_files", {})):
        return tuple(entries)
    return tuple(_with_told(entry, found["entries"]) for entry in entries)


def _with_told(entry: Entry, told: Mapping[str, Mapping[str, Any]]) -> Entry:
    if not isinstance(entry.source, LatePage):  # one of a user
        return entry
    said = told[entry.id]
    page = Told(written_from=tuple(said["written_from"]), fix=said["fix"])
    return replace(entry, source=LatePage(PACKAGED / f"{entry.id}{index.SUFFIX}", page))


def case_of_id() -> Callable[[str], Case | CaseHead]:
    """Return what gives the packaged case of an id, as far as answers tell of it."""
    found = _read()
    if not agrees(FILE, CASEBOOK, CASE_SUFFIX, found.get("case_files", {})):
        return load_case
    heads = {name: _head(name, said) for name, said in found["cases"].items()}
    return heads.__getitem__


def _read() -> Mapping[str, Any]:
    return read_shortcut(FILE, ("entry_files", "entries", "case_files", "cases"))


def _head(name: str, said: Mapping[str, str]) -> CaseHead:
    return CaseHead(
        id=name,
        url=said["url"],
        title=said["title"],
        classification=Classification(
            symptom=said["symptom"], cause=said["cause"], stage=said["stage"]
        ),
        outcome=Outcome(said["outcome"]),
        resolution=said["resolution"],
    )
