"""The JSON files of a model folder, read with bounds on size and depth."""

import codecs
import contextlib
import json
import math
from collections.abc import Sequence
from typing import Any, Final, Literal, cast

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import Document, File, ShardIndex
from firstmile.facts.model_folder.source import Source, require_readable

LARGEST: Final = 4 * 1024 * 1024
MOST_BYTES: Final = 16 * 1024 * 1024
"""Of all documents of one folder together, and how many of them there may be."""
MOST_DOCUMENTS: Final = 200
_TOO_MUCH: Final = "the JSON files of this folder are too many, or too large, to be read"
LARGEST_INDEX: Final = 64 * 1024 * 1024
_SMALL_INDEX: Final = 64 * 1024
MOST_ENTRIES: Final = 500_000
"""Of an index; that of a model of a trillion numbers in 4 bits has 210,000."""
DEEPEST: Final = 60
LARGEST_NUMBER: Final = 10**40
"""Tokenizers state 10**30 where a length has no limit."""
INDEX_ENDING: Final = ".safetensors.index.json"
PICKLE_INDEX_ENDING: Final = ".bin.index.json"
_OF_THE_TOKENIZER: Final = ("tokenizer.json", "vocab.json", "added_tokens.json", "tekken.json")
"""Files that are read by `tokenizer_file`: they may be tens of megabytes."""


class _StatedIndex(msgspec.Struct, gc=False):
    weight_map: dict[str, str]
    metadata: Any = None


_INDEX: Final = msgspec.json.Decoder(_StatedIndex)


def read_documents(source: Source, files: tuple[File, ...]) -> dict[str, Document]:
    """Return the JSON files of the folder's top level, and of an adapter's or a tokenizer's."""
    found: dict[str, Document] = {}
    left = MOST_BYTES
    for file in sorted(files, key=lambda one: one.path.count("/")):
        if not file.path.endswith(".json") or file.path.count("/") > 1:
            continue
        if file.path.endswith((INDEX_ENDING, PICKLE_INDEX_ENDING)):
            continue
        if file.path.rpartition("/")[2] in _OF_THE_TOKENIZER:
            continue
        if file.size_bytes > left or len(found) >= MOST_DOCUMENTS:
            found[file.path] = Document(path=file.path, value=None, problem=_TOO_MUCH)
            continue
        left -= file.size_bytes
        found[file.path] = _document(source, file)
    return found


def _document(source: Source, file: File) -> Document:
    try:
        require_readable(file)
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
    _require_usable(value)
    return value


def _require_usable(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        if any(isinstance(each, int) and abs(each) > LARGEST_NUMBER for each in level):
            raise UnreadableError("it states a number beyond any use")
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

    Of several the one that transformers reads goes first: `consolidated.safetensors.index.json` is
    that of Mistral's own form. Raises UnreadableError where it is there and broken.
    """
    names = [file.path for file in files if "/" not in file.path]
    names.sort(key=lambda path: not path.startswith(("model.", "pytorch_model.", "adapter_model.")))
    for ending in (INDEX_ENDING, PICKLE_INDEX_ENDING):
        for path in names:
            if path.endswith(ending):
                return _index(source, path, names)
    return None


def _index(source: Source, path: str, names: Sequence[str]) -> ShardIndex:
    try:
        data = source.read(path, length=LARGEST_INDEX + 1)
        if len(data) > LARGEST_INDEX:
            raise UnreadableError(f"it is longer than {LARGEST_INDEX:,} bytes")
        if data.count(b",") > MOST_ENTRIES:
            raise UnreadableError(f"it names more than {MOST_ENTRIES:,} tensors")
        stated = _stated_index(data.removeprefix(codecs.BOM_UTF8), names)
    except UnreadableError as error:
        raise UnreadableError(f"{path}: {error}") from error
    except msgspec.ValidationError as error:
        raise UnreadableError(f"{path} has no weight_map of names and files") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"{path} is no JSON that can be read") from error
    metadata = stated.metadata
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    return ShardIndex(path=path, weight_map=stated.weight_map, total_size=_whole(total))


def _stated_index(data: bytes, names: Sequence[str]) -> _StatedIndex:
    """Return an index as it states it; the name of a file that is there is kept once."""
    there = tuple(name for name in names if name.isascii())
    if there and len(data) > _SMALL_INDEX:
        file: Any = Literal.__getitem__(there)
        usual = msgspec.defstruct(
            "_Usual", [("weight_map", dict[str, file]), ("metadata", Any, None)]
        )
        with contextlib.suppress(msgspec.ValidationError):
            return cast("_StatedIndex", msgspec.json.decode(data, type=usual))
    return _INDEX.decode(data)


def _whole(value: Any) -> int | None:
    """Return a number as a whole one; None for what is none, NaN and infinity included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) else None
