"""Indexing: writes the packaged codebook's index; `make knowledge` runs it.

    python -m firstmile.taxonomy.indexing

The same codebook gives the same file, whenever and wherever it is made.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from firstmile.taxonomy import index
from firstmile.taxonomy.shortcut import sizes_and_times
from firstmile.taxonomy.terms import read_taxonomy


def index_text(folder: Path) -> str:
    """Return the index of a codebook folder, which is read and checked for it."""
    taxonomy = read_taxonomy(folder)
    sizes = {name: size for name, (size, _) in sizes_and_times(folder, index.SUFFIX).items()}
    rows = [_json(name) + f": {size}" for name, size in sorted(sizes.items())]
    terms = [_json(index.plain(term)) for term in taxonomy.terms]
    return (
        f'{{\n"version": {_json(taxonomy.version)},\n'
        f'"files": {{\n{_lines(rows)}\n}},\n"terms": [\n{_lines(terms)}\n]\n}}\n'
    )


def write_index() -> None:
    """Write the index of the packaged codebook in its place."""
    text = index_text(Path(str(files("firstmile.taxonomy") / "codebook")))
    temporary = index.FILE.with_suffix(".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(index.FILE)


def _lines(rows: list[str]) -> str:
    """Give every unit a line, so that a change of one term changes its line alone."""
    return ",\n".join(rows)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    write_index()
