"""A snapshot as JSON and back: redacted when it is written, checked field by field when read.

What of a folder is a list (files, shards) has one entry a line, a tensor is a row of name, number
type, shape, start and end. JSON has no NaN and no infinity: in the trees that configs hold,
`{"$number": "Infinity"}` stands for them.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.errors import UserError
from firstmile.facts.environment import Environment
from firstmile.facts.model_folder.folder import (
    Document,
    Gguf,
    ModelFolder,
    Shard,
    ShardIndex,
    Tensor,
)
from firstmile.facts.snapshot import SCHEMA, Snapshot
from firstmile.redaction import redact

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a saved snapshot; one of a hundred shards with 90,000 tensors has 20 million."""
MOST_ITEMS: Final = 2_000_000
MOST_COMMAS: Final = 5_000_000
DEEPEST: Final = 64
LARGEST_NUMBER: Final = 10**40
"""Tokenizers state 10**30 where a length has no limit."""
_NUMBER: Final = "$number"
_FIELDS: Final = "$fields"
_NO_NUMBERS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_AT: Final = re.compile(r" - at `\$?\.?(.*)`$")
_EXPECTED: Final = re.compile(r"Expected `([^`]{1,200})`")
_LACKS: Final = re.compile(r"missing required field `(\w{1,60})`")
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a set of fields",
}
_VENDORS: Final = {each.lower(): each for each in ("NVIDIA", "AMD", "Apple")}
_HELP: Final = "give a file that firstmile facts --out wrote"


class _Head(msgspec.Struct):
    """What tells whether a file is a snapshot at all."""

    schema: Any = None
    collected: Any = None


_HEAD: Final = msgspec.json.Decoder(_Head)
_ENVIRONMENT: Final = msgspec.json.Decoder(Environment)
_SNAPSHOT: Final = msgspec.json.Decoder(Snapshot)


def snapshot_text(snapshot: Snapshot) -> str:
    """Return a snapshot as JSON without secrets, names of persons and hosts."""
    parts = [
        ("schema", snapshot.schema, 0),
        ("environment", _redacted(snapshot.environment), 1),
        ("model", _redacted(snapshot.model), 1),
        ("base", _redacted(snapshot.base), 1),
        ("others", _redacted(snapshot.others), 1),
    ]
    lines = [line for part in parts for line in _lines(*part)]
    return "{\n" + "\n".join(lines).removesuffix(",") + "\n}\n"


def _lines(name: str, value: Any, levels: int) -> Iterator[str]:
    """Yield the lines of one field: its own fields one a line, and what is in a list of those."""
    if levels and isinstance(value, msgspec.Struct):
        yield f"{_json(name)}: {{"
        fields = value.__struct_fields__
        inner = [line for each in fields for line in _lines(each, getattr(value, each), levels - 1)]
        yield from (f"  {line}" for line in _without_last_comma(inner))
        yield "},"
    elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
        yield f"{_json(name)}: ["
        yield from _without_last_comma([f"  {_json(each)}," for each in value])
        yield "],"
    else:
        yield f"{_json(name)}: {_json(value)},"


def _without_last_comma(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].removesuffix(",")] if lines else lines


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _redacted(value: Any) -> Any:
    """Return a part with every text in it redacted, fit to be written as JSON."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Shard | Gguf):
        changed = {"tensors": _redacted_tensors(value.tensors)}
        return _with_redacted(value, changed)
    if isinstance(value, ShardIndex):
        return replace(value, path=_clean(value.path), weight_map=_redacted_names(value.weight_map))
    if isinstance(value, msgspec.Struct):
        return _with_redacted(value, {})
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in (_NUMBER, _FIELDS):
            return {_FIELDS: {key: _redacted(each) for key, each in value.items()}}
        return {_clean(str(key)): _redacted(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_redacted(each) for each in value)
    if isinstance(value, float) and not math.isfinite(value):
        return {_NUMBER: _name_of(value)}
    return value


def _name_of(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _with_redacted(value: Any, changed: Mapping[str, Any]) -> Any:
    rest = {
        name: _redacted(_finite_or_none(getattr(value, name)))
        for name in value.__struct_fields__
        if name not in changed
    }
    return replace(value, **rest, **changed)


def _finite_or_none(value: Any) -> Any:
    """Return a field's value; a number that is none is not known."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _redacted_tensors(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    if _is_clean(each.name for each in tensors):
        return tensors
    return tuple(replace(each, name=_clean(each.name)) for each in tensors)


def _redacted_names(names: Mapping[str, str]) -> Mapping[str, str]:
    if _is_clean(names) and _is_clean(set(names.values())):
        return names
    return {_clean(key): _clean(value) for key, value in names.items()}


def _is_clean(names: Iterable[str]) -> bool:
    """Say whether redacting many names would change none: they are looked at as one text."""
    text = "\n".join(names)
    return _clean(text) == text


def _clean(text: str) -> str:
    """Return a redacted text; bytes of a file's name that are no UTF-8 are spelled out."""
    return redact(text.encode("utf-8", "backslashreplace").decode("utf-8")).text


def snapshot_from(data: bytes, *, name: str) -> Snapshot:
    """Read back what `snapshot_text` wrote; raises UserError by the name for anything else.

    Fields that a later version added are passed over. One of another schema is refused. An
    environment alone, which earlier versions wrote, is a snapshot of a machine.
    """
    if len(data) > LARGEST:
        raise UserError(f"{name} is larger than {LARGEST >> 20} MiB: {_HELP}.")
    if data.count(b"[") + data.count(b"{") > MOST_ITEMS or data.count(b",") > MOST_COMMAS:
        raise UserError(f"{name} holds more than any snapshot: {_HELP}.")
    try:
        head = _HEAD.decode(data)
    except msgspec.ValidationError as error:
        raise UserError(f"{name} is no snapshot: {_HELP}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{name} is no JSON that can be read: {_HELP}.") from error
    if head.schema != SCHEMA or isinstance(head.schema, bool):
        raise UserError(f"{name} is no snapshot of schema {SCHEMA}: {_HELP}.")
    try:
        if head.collected is not None:
            alone = Snapshot(environment=_ENVIRONMENT.decode(data))
            _require_bounded(alone)
            return _as_we_write_it(alone)
        found = _SNAPSHOT.decode(data)
        _require_bounded(found)
        if found.environment is None and found.model is None:
            raise _UnfitError("it holds neither a machine nor a model")
        found = _as_we_write_it(found)
        return replace(found, model=_restored_model(found.model), base=_restored_model(found.base))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _UnfitError) as error:
        raise UserError(f"{name} is no snapshot: {_reason(error)}.") from error


def _as_we_write_it(snapshot: Snapshot) -> Snapshot:
    environment = snapshot.environment
    return replace(
        snapshot,
        environment=None if environment is None else _of_known_vendors(environment),
        others=tuple(map(_of_known_vendors, snapshot.others)),
    )


def _of_known_vendors(environment: Environment) -> Environment:
    """Return an environment whose GPUs have their vendors as firstmile writes them.

    A file that was written or changed by hand may say "nvidia".
    """
    gpus = (
        replace(each, vendor=_VENDORS.get(each.vendor.lower(), each.vendor))
        for each in environment.gpus
    )
    return replace(environment, gpus=tuple(gpus))


class _UnfitError(ValueError):
    """A tree of a config cannot be used; the message says which and why."""


def _require_bounded(value: Any) -> None:
    """Refuse a number that nothing has; trees of configs are looked at when they are restored."""
    if isinstance(value, int):
        if abs(value) > LARGEST_NUMBER:
            raise _UnfitError("it states a number beyond any use")
    elif isinstance(value, Shard | Gguf):
        # A model has 90,000 tensors: they are looked at column by column.
        _require_bounded(max((each.end for each in value.tensors), default=0))
        _require_bounded(min((each.start for each in value.tensors), default=0))
        shapes = {each.shape for each in value.tensors}
        _require_bounded(max((abs(math.prod(shape)) for shape in shapes), default=0))
        for name in value.__struct_fields__:
            if name not in ("tensors", "metadata"):
                _require_bounded(getattr(value, name))
    elif isinstance(value, msgspec.Struct) and not isinstance(value, Document):
        for name in value.__struct_fields__:
            _require_bounded(getattr(value, name))
    elif isinstance(value, tuple | Mapping):
        for each in value.values() if isinstance(value, Mapping) else value:
            _require_bounded(each)


def _reason(error: Exception) -> str:
    """Return what is wrong in words, naming the field; nothing of the file is quoted."""
    if isinstance(error, _UnfitError):
        return str(error)
    said = str(error)
    place = _AT.search(said)
    where = place[1] if place and place[1] else "it"
    if lacks := _LACKS.search(said):
        return f"{where} lacks {lacks[1]}"
    if expected := _EXPECTED.search(said):
        kinds = [each.strip() for each in expected[1].split("|") if each.strip() != "null"]
        return f"{where} is not {' or '.join(_KINDS.get(each, each) for each in kinds)}"
    return f"{where} is nothing that firstmile writes"


def _restored_model(model: ModelFolder | None) -> ModelFolder | None:
    if model is None:
        return None
    documents = {
        path: each
        if each.value is None
        else replace(each, value=_restored(each.value, f"documents of {place}"))
        for place, (path, each) in enumerate(model.documents.items(), 1)
    }
    ggufs = tuple(
        replace(each, metadata=_restored(each.metadata, f"ggufs[{place}].metadata"))
        for place, each in enumerate(model.ggufs)
    )
    return replace(model, documents=documents, ggufs=ggufs)


def _restored(value: Any, where: str, depth: int = 0) -> Any:
    """Return a tree with the numbers that JSON does not know."""
    if depth > DEEPEST:
        raise _UnfitError(f"{where} is nested more than {DEEPEST} levels deep")
    if isinstance(value, list):
        return [_restored(each, where, depth + 1) for each in value]
    if not isinstance(value, dict):
        if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
            raise _UnfitError(f"{where} states a number beyond any use")
        return value
    if len(value) == 1:
        if _NUMBER in value:
            number = value[_NUMBER]
            if not isinstance(number, str) or number not in _NO_NUMBERS:
                raise _UnfitError(f"{where} has a number that is none")
            return _NO_NUMBERS[number]
        inner = value.get(_FIELDS)
        if isinstance(inner, dict):
            value = inner
    return {key: _restored(each, where, depth + 1) for key, each in value.items()}
