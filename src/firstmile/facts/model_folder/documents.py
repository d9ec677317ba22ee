"""The JSON files of a model folder, read with bounds on size and depth."""

import json
from collections.abc import Mapping
from typing import Any, Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import Document, File, ShardIndex
from firstmile.facts.model_folder.source import Source

LARGEST: Final = 4 * 1024 * 1024
LARGEST_INDEX: Final = 64 * 1024 * 1024
DEEPEST: Final = 60
INDEX_ENDING: Final = ".safetensors.index.json"
PICKLE_INDEX_ENDING: Final = ".bin.index.json"
_OF_THE_TOKENIZER: Final = ("tokenizer.json", "vocab.json", "added_tokens.json", "tekken.json")
"""Files that are read by `tokenizer_file`: they may be tens of megabytes."""


def read_documents(source: Source, files: tuple[File, ...]) -> dict[str, Document]:
    """Return the JSON files of the folder's top level, and of an adapter's or a tokenizer's."""
    found = {}
    for file in files:
        if not file.path.endswith(".json") or file.path.count("/") > 1:
            continue
        if file.path.endswith((INDEX_ENDING, PICKLE_INDEX_ENDING)):
            continue
        if file.path.rpartition("/")[2] in _OF_THE_TOKENIZER:
            continue
        found[file.path] = _document(source, file)
    return found


def _document(source: Source, file: File) -> Document:
    if file.kind not in ("file", "link"):
        return Document(path=file.path, value=None, problem="it is not a plain file of this folder")
    if file.looks in ("empty", "pointer", "html"):
        kinds = {"pointer": "a pointer of Git LFS", "html": "a web page", "empty": "empty"}
        return Document(path=file.path, value=None, problem=f"it is {kinds[file.looks]}")
    try:
        value = json_of(source.text(file.path, most=LARGEST))
    except UnreadableError as error:
        return Document(path=file.path, value=None, problem=str(error))
    if not isinstance(value, dict):
        return Document(path=file.path, value=None, problem="it holds no set of fields")
    return Document(path=file.path, value=value)


def json_of(text: str) -> Any:
    """Return the tree of a JSON text; raises UnreadableError saying where it breaks.

    NaN and Infinity are read, as Python's own reader does, which transformers uses.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"it is no JSON: {error.msg.lower()} in line {error.lineno}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("it is nested or sized beyond any use") from error
    _require_shallow(value)
    return value


def _require_shallow(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise UnreadableError(f"it is nested more than {DEEPEST} levels deep")


def read_index(source: Source, files: tuple[File, ...]) -> ShardIndex | None:
    """Return the index of shards (of safetensors before pickles); None where there is none.

    Raises UnreadableError where it is there and broken.
    """
    names = [file.path for file in files if "/" not in file.path]
    for ending in (INDEX_ENDING, PICKLE_INDEX_ENDING):
        for path in names:
            if path.endswith(ending):
                return _index(source, path)
    return None


def _index(source: Source, path: str) -> ShardIndex:
    tree = json_of(source.text(path, most=LARGEST_INDEX))
    weights = tree.get("weight_map") if isinstance(tree, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(one, str) for one in weights.values()):
        raise UnreadableError(f"{path} has no weight_map of names and files")
    metadata = tree.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, Mapping) else None
    return ShardIndex(
        path=path,
        weight_map=weights,
        total_size=int(total) if isinstance(total, int | float) else None,
    )
