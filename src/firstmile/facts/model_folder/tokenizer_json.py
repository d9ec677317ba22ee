"""What a tokenizer.json states, decoded no further than it is needed."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import AddedToken, Tokenizer

_DEEPEST: Final = 8


Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A token's number: what lies beyond counts no vocabulary."""


class _Added(msgspec.Struct, gc=False):
    id: Id
    content: str
    special: bool = False


class _File(msgspec.Struct):
    model: msgspec.Raw
    version: str | None = None
    added_tokens: list[_Added] | None = None
    normalizer: dict[str, Any] | None = None
    pre_tokenizer: dict[str, Any] | None = None
    post_processor: dict[str, Any] | None = None


class _Model(msgspec.Struct):
    vocab: msgspec.Raw
    type: str | None = None
    merges: msgspec.Raw = msgspec.Raw()
    byte_fallback: bool | None = None


_FILE: Final = msgspec.json.Decoder(_File)
_MODEL: Final = msgspec.json.Decoder(_Model)
_IDS: Final = msgspec.json.Decoder(dict[str, Id])
_SCORED: Final = msgspec.json.Decoder(list[tuple[str, float]])


def read_tokenizer_json(data: bytes, path: str, wanted: Collection[str]) -> Tokenizer:
    """Return what the file states; raises UnreadableError where it is not of its form.

    `wanted` are tokens whose ids are asked for.
    """
    try:
        file = _FILE.decode(data)
        model = _MODEL.decode(file.model)
        ids, highest, count = _vocabulary(model.vocab, wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"it is not the JSON of a tokenizer: {str(error)[:200]}") from error
    added = tuple(
        AddedToken(id=one.id, content=one.content, special=one.special)
        for one in file.added_tokens or ()
    )
    top = max((highest, *(one.id for one in added)), default=-1)
    prefix, suffix = added_around(file.post_processor)
    return Tokenizer(
        path=path,
        kind="tokenizer.json",
        algorithm=model.type or _algorithm(model.vocab, model.merges),
        base_size=count,
        size=top + 1,
        added=added,
        pre_tokenizer=named_steps(file.pre_tokenizer),
        normalizer=named_steps(file.normalizer),
        post_processor=named_steps(file.post_processor),
        version=file.version,
        merges_as_lists=_as_lists(model.merges),
        byte_fallback=model.byte_fallback,
        prefix=prefix,
        suffix=suffix,
        named=ids,
    )


def _vocabulary(raw: msgspec.Raw, wanted: Collection[str]) -> tuple[dict[str, int], int, int]:
    """Return ids of wanted tokens, the highest id, and how many tokens there are."""
    if bytes(memoryview(raw)[:1]) == b"[":
        scored = _SCORED.decode(raw)
        found = {text: place for place, (text, _) in enumerate(scored) if text in wanted}
        return found, len(scored) - 1, len(scored)
    table = _IDS.decode(raw)
    found = {each: table[each] for each in sorted(wanted) if each in table}
    return found, max(table.values(), default=-1), len(table)


def _algorithm(vocabulary: msgspec.Raw, merges: msgspec.Raw) -> str | None:
    if len(memoryview(merges)):
        return "BPE"
    return "Unigram" if bytes(memoryview(vocabulary)[:1]) == b"[" else None


def _as_lists(merges: msgspec.Raw) -> bool | None:
    """Tell merges that are pairs from merges that are one text; None where there are none."""
    head = bytes(memoryview(merges)[:200]).lstrip()
    if not head.startswith(b"["):
        return None
    first = head[1:].lstrip()[:1]
    return {b"[": True, b'"': False}.get(first)


def named_steps(step: Mapping[str, Any] | None) -> str | None:
    """Return the kinds of a step and of those that it is made of: "Split, ByteLevel"."""
    return None if step is None else ", ".join(_kinds(step, 0)) or None


def _kinds(step: Mapping[str, Any], level: int) -> list[str]:
    inner: list[str] = []
    if level < _DEEPEST:
        for key in ("normalizers", "pretokenizers", "processors"):
            steps = step.get(key)
            for each in steps if isinstance(steps, list) else ():
                inner += _kinds(each, level + 1) if isinstance(each, Mapping) else []
    kind = step.get("type")
    return inner or ([kind[:60]] if isinstance(kind, str) else [])


def added_around(step: Mapping[str, Any] | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the ids that a post-processor states before and after a text."""
    return _around(step, 0) if step is not None else ((), ())


def _around(step: Mapping[str, Any], level: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kind = step.get("type")
    if kind == "Sequence" and level < _DEEPEST:
        before: tuple[int, ...] = ()
        after: tuple[int, ...] = ()
        steps = step.get("processors")
        for each in steps if isinstance(steps, list) else ():
            if isinstance(each, Mapping):
                first, last = _around(each, level + 1)
                before, after = first + before, after + last
        return before, after
    if kind in ("BertProcessing", "RobertaProcessing"):
        return _ids_of(step.get("cls")), _ids_of(step.get("sep"))
    if kind == "TemplateProcessing":
        return _of_template(step)
    return (), ()


def _ids_of(pair: Any) -> tuple[int, ...]:
    is_pair = isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], int)
    return (pair[1],) if is_pair else ()


def _of_template(step: Mapping[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    stated = step.get("special_tokens")
    table = stated if isinstance(stated, Mapping) else {}
    parts: tuple[list[int], list[int]] = ([], [])
    side = 0
    single = step.get("single")
    for each in single if isinstance(single, list) else ():
        if not isinstance(each, Mapping):
            continue
        if "Sequence" in each:
            side = 1
        special = each.get("SpecialToken")
        token = table.get(special.get("id")) if isinstance(special, Mapping) else None
        ids = token.get("ids") if isinstance(token, Mapping) else None
        if isinstance(ids, list):
            parts[side].extend(one for one in ids if isinstance(one, int))
    return tuple(parts[0]), tuple(parts[1])
