"""Indexing: writes what is read instead of all entries and cases; `make knowledge` runs it.

    python -m firstmile.knowledge.indexing

The same entries and cases give the same files, whenever and wherever they are made.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from firstmile.knowledge import index, told
from firstmile.knowledge.cases import Case, read_cases
from firstmile.knowledge.entries import PACKAGED, Entry, read_entries
from firstmile.knowledge.literals import demands_of, literals_of
from firstmile.knowledge.matching import require_sound


def index_text(folder: Path) -> str:
    """Return the index of a folder of entries, all of which are read and checked for it."""
    entries = read_entries(folder)
    parts = (
        ("files", "{}", _sizes(folder, index.SUFFIX)),
        ("heads", "[]", (_json(_head(entry)) for entry in entries)),
        ("literals", "{}", _literals(entries)),
        ("demands", "{}", _demands(entries)),
    )
    return _whole(parts)


def told_text(folder: Path, casebook: Path) -> str:
    """Return what answers tell of a folder of entries and of a casebook."""
    return _whole(
        (
            ("entry_files", "{}", _sizes(folder, index.SUFFIX)),
            ("entries", "{}", map(_told_of_entry, read_entries(folder))),
            ("case_files", "{}", _sizes(casebook, told.CASE_SUFFIX)),
            ("cases", "{}", map(_told_of_case, read_cases(casebook))),
        )
    )


def write_index() -> None:
    """Write the files of the packaged entries and cases in their places."""
    _write(index.FILE, index_text(PACKAGED))
    _write(told.FILE, told_text(PACKAGED, told.CASEBOOK))


def _write(file: Path, text: str) -> None:
    temporary = file.with_suffix(".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def _sizes(folder: Path, suffix: str) -> Iterator[str]:
    for file in sorted(folder.iterdir()):
        if file.name.endswith(suffix):
            yield f"{_json(file.name)}: {file.stat().st_size}"


def _told_of_entry(entry: Entry) -> str:
    said = {"written_from": entry.written_from, "fix": entry.fix}
    return f"{_json(entry.id)}: {_json(said)}"


def _told_of_case(case: Case) -> str:
    given = case.classification
    said = {
        "url": case.url,
        "title": case.title,
        "symptom": given.symptom,
        "cause": given.cause,
        "stage": given.stage,
        "outcome": case.outcome,
        "resolution": case.resolution,
    }
    return f"{_json(case.id)}: {_json(said)}"


def _whole(parts: Iterable[tuple[str, str, Iterable[str]]]) -> str:
    return "{\n" + ",\n".join(_part(*part) for part in parts) + "\n}\n"


def _part(name: str, brackets: str, rows: Iterable[str]) -> str:
    """Give every unit a line, so that a change of one entry changes its lines alone."""
    return f'"{name}": {brackets[0]}\n' + ",\n".join(rows) + f"\n{brackets[1]}"


def _head(entry: Entry) -> dict[str, Any]:
    given = entry.classification
    head = {
        "id": entry.id,
        "title": entry.title,
        "symptom": given.symptom,
        "cause": given.cause,
        "stage": given.stage,
        "stack": entry.stack,
        "status": entry.status,
        "formerly": entry.formerly,
        "asked": entry.asked,
        "signatures": [
            _stated(
                pattern=each.pattern,
                also=each.also,
                unless=each.unless,
                hint=each.hint,
                consequence=each.consequence,
            )
            for each in entry.signatures
        ],
    }
    return _stated(**head)


def _stated(**values: Any) -> dict[str, Any]:
    """Leave out what is empty: its reader takes it for that."""
    return {key: value for key, value in values.items() if value}


def _literals(entries: Sequence[Entry]) -> Iterator[str]:
    for name, pattern in _patterns(entries):
        require_sound(name, pattern)
        yield f"{_json(pattern)}: {_json(literals_of(pattern))}"


def _demands(entries: Sequence[Entry]) -> Iterator[str]:
    for _, pattern in _patterns(entries):
        literals = literals_of(pattern)
        if further := [each for each in demands_of(pattern) if each != literals]:
            yield f"{_json(pattern)}: {_json(further)}"


def _patterns(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Yield every pattern once, after the id of an entry that has it."""
    seen = set()
    for entry in entries:
        for signature in entry.signatures:
            for pattern in signature.patterns:
                if pattern not in seen:
                    seen.add(pattern)
                    yield entry.id, pattern


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    write_index()
