"""The tokenizer files of a model folder: what they state, and whether they load."""

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.errors import pip_install
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.child import MIB, Child, Limits
from firstmile.facts.model_folder.folder import (
    AddedToken,
    Document,
    File,
    RoundTrip,
    Tokenizer,
)
from firstmile.facts.model_folder.sentencepiece_file import read_pieces
from firstmile.facts.model_folder.source import Source, require_readable
from firstmile.facts.model_folder.special_tokens import SPECIAL_TOKENS, content_of
from firstmile.facts.model_folder.tokenizer_json import Id, read_tokenizer_json
from firstmile.redaction import redact

LARGEST: Final = 64 * MIB
MOST_FILES: Final = 6
"""That state a vocabulary, of one folder."""
NOT_INSTALLED: Final = f"the library tokenizers is not installed: {pip_install('check')}"
MOST_MEMORY: Final = 2304 * MIB

MARKERS: Final = (
    *("<think>", "</think>", "[THINK]", "[/THINK]", "<tool_call>", "</tool_call>"),
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "<end_of_turn>"),
    *("[INST]", "[TOOL_CALLS]", "<|python_tag|>", "<|channel|>", "<|return|>"),
    *("<｜tool▁calls▁begin｜>", "<｜end▁of▁sentence｜>", "</s>", "<s>", "<unk>", "<pad>"),
)
"""Tokens that engines and templates look for by their text."""

_NAMES: Final = (
    "tokenizer.json",
    "tekken.json",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "vocab.json",
    "vocab.txt",
    "added_tokens.json",
)
"""Files that state a vocabulary, the one that engines take first before the others."""
_ADDED: Final = "added_tokens.json"


def is_tokenizer_file(path: str) -> bool:
    """Say whether a file of the top level states a vocabulary, by its name."""
    if path == _ADDED:
        return False
    return path in _NAMES or path.startswith("tokenizer.model.v") or path.endswith(".tiktoken")


def read_tokenizer(
    source: Source, files: tuple[File, ...], documents: Mapping[str, Document]
) -> Tokenizer | None:
    """Return the tokenizer that engines would take, tried where it can be; None without one."""
    here = [file for file in files if is_tokenizer_file(file.path) or file.path == _ADDED]
    order = {name: place for place, name in enumerate(_NAMES)}
    here.sort(key=lambda one: (order.get(one.path, len(_NAMES)), one.path))
    if not here or here[0].path == _ADDED:
        return None
    wanted = _wanted(documents)
    first, data = _read(source, here[0], wanted)
    others = tuple(_read(source, file, wanted)[0] for file in here[1:MOST_FILES])
    if first.kind == "tokenizer.json" and first.loads is not False:
        first = _tried(data, first)
    return replace(first, others=others)


def _wanted(documents: Mapping[str, Document]) -> frozenset[str]:
    """Return the tokens that other files name, and those that engines look for."""
    named = {
        content
        for path in ("tokenizer_config.json", "special_tokens_map.json")
        if (document := documents.get(path)) is not None and document.value is not None
        for role in SPECIAL_TOKENS
        if (content := content_of(document.value.get(role))) is not None
    }
    return frozenset(named.union(MARKERS))


def _read(source: Source, file: File, wanted: frozenset[str]) -> tuple[Tokenizer, bytes]:
    """Return what a file states, and its bytes."""
    data = b""
    try:
        data = _bytes(source, file)
        return _stated(data, file, wanted), data
    except UnreadableError as error:
        refused = Tokenizer(
            path=file.path,
            kind=_kind(file.path),
            algorithm=None,
            base_size=None,
            size=None,
            added=(),
            loads=False,
            refused=redact(str(error)).text,
        )
        return refused, data


def _kind(path: str) -> str:
    if path in ("tokenizer.json", "vocab.json", "vocab.txt", _ADDED):
        return path
    if path == "tekken.json":
        return "tekken"
    return "tiktoken" if path.endswith(".tiktoken") else "sentencepiece"


def _bytes(source: Source, file: File) -> bytes:
    require_readable(file)
    data = source.read(file.path, length=LARGEST + 1)
    if len(data) > LARGEST:
        raise UnreadableError(f"it is larger than {LARGEST // MIB} MiB")
    return data


def _stated(data: bytes, file: File, wanted: frozenset[str]) -> Tokenizer:
    kind = _kind(file.path)
    if kind == "tokenizer.json":
        return read_tokenizer_json(data, file.path, wanted)
    if kind == "tekken":
        return _tekken(data, file.path)
    if kind == _ADDED:
        return _added_tokens(data, file.path)
    if kind == "vocab.json":
        return _vocab_json(data, file.path, wanted)
    if kind == "vocab.txt":
        lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        if not lines[-1]:
            lines.pop()
        named = {line: place for place, line in enumerate(lines) if line in wanted}
        return _plain(file.path, kind, "WordPiece", len(lines), named)
    if kind == "tiktoken" or _is_ranks(data):
        return _plain(file.path, "tiktoken", "BPE", _ranks(data), {})
    pieces = read_pieces(data, wanted)
    return Tokenizer(
        path=file.path,
        kind="sentencepiece",
        algorithm=pieces.algorithm,
        base_size=pieces.count,
        size=pieces.count,
        added=pieces.added,
        normalizer=pieces.normalizer,
        byte_fallback=pieces.byte_fallback,
        named=pieces.named,
    )


def _plain(path: str, kind: str, algorithm: str, count: int, named: Mapping[str, int]) -> Tokenizer:
    return Tokenizer(
        path=path,
        kind=kind,
        algorithm=algorithm,
        base_size=count,
        size=count,
        added=(),
        named=named,
    )


_LINE_OF_RANKS: Final = re.compile(
    rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)? [0-9]{1,9}[ \r]*"
)


def _is_ranks(data: bytes) -> bool:
    """Tell a file of tiktoken (a token in Base64, a blank, its rank) from a SentencePiece model."""
    token, blank, rank = data[:400].partition(b"\n")[0].strip().partition(b" ")
    letters = token.rstrip(b"=").replace(b"/", b"").replace(b"+", b"")
    return bool(blank) and rank.isdigit() and letters.isalnum()


def _ranks(data: bytes) -> int:
    lines = data.strip().splitlines()
    rank = lines[-1].partition(b" ")[2].strip() if lines else b""
    if not rank.isdigit():
        raise UnreadableError("it is cut: its last line has no rank")
    for number, line in enumerate(lines, 1):
        if line and _LINE_OF_RANKS.fullmatch(line) is None:
            raise UnreadableError(f"line {number:,} is no token in Base64 with its rank")
    return len(lines)


class _TekkenConfig(msgspec.Struct):
    default_vocab_size: Id
    default_num_special_tokens: Id
    version: str | None = None


class _TekkenToken(msgspec.Struct):
    rank: Id
    token_str: str
    is_control: bool = True


class _Tekken(msgspec.Struct):
    config: _TekkenConfig
    special_tokens: list[_TekkenToken] | None = None


def _tekken(data: bytes, path: str) -> Tokenizer:
    try:
        file = msgspec.json.decode(data, type=_Tekken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"it is not the JSON of tekken: {str(error)[:200]}") from error
    config = file.config
    return Tokenizer(
        path=path,
        kind="tekken",
        algorithm="BPE",
        base_size=config.default_vocab_size - config.default_num_special_tokens,
        size=config.default_vocab_size,
        added=tuple(
            AddedToken(id=one.rank, content=one.token_str, special=one.is_control)
            for one in file.special_tokens or ()
        ),
        version=config.version,
    )


def _vocab_json(data: bytes, path: str, wanted: frozenset[str]) -> Tokenizer:
    try:
        table = msgspec.json.decode(data, type=dict[str, Id])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"it is no table of tokens: {str(error)[:200]}") from error
    named = {each: table[each] for each in sorted(wanted) if each in table}
    size = max(table.values(), default=-1) + 1
    return replace(_plain(path, "vocab.json", "BPE", len(table), named), size=size)


def _added_tokens(data: bytes, path: str) -> Tokenizer:
    try:
        table = msgspec.json.decode(data, type=dict[str, Id])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"it is no table of tokens: {str(error)[:200]}") from error
    return Tokenizer(
        path=path,
        kind=_ADDED,
        algorithm=None,
        base_size=None,
        size=None,
        added=tuple(AddedToken(id=id_, content=text, special=False) for text, id_ in table.items()),
    )


def limits_of(size: int) -> Limits:
    """Return what a child may use that tries a file of so many bytes.

    The dearest of its kind, a Unigram model of 250,000 random pieces, takes 52 bytes of memory and
    0.13 microseconds for each byte of its file; a normalizer that writes without end takes all.
    """
    seconds = 3 + size // (16 * MIB)
    return Limits(
        wall_seconds=2 * seconds,
        cpu_seconds=seconds,
        memory_bytes=min(256 * MIB + 64 * size, MOST_MEMORY),
        answer_bytes=2 * MIB,
    )


def _tried(data: bytes, stated: Tokenizer) -> Tokenizer:
    """Return a tokenizer with what loading it in a child of ours showed."""
    if find_spec("tokenizers") is None:
        return replace(stated, refused=NOT_INSTALLED)
    reply = Child("firstmile.facts.model_folder.tokenizing", data, limits_of(len(data))).reply()
    try:
        found: dict[str, Any] = json.loads(reply.said)
    except (ValueError, RecursionError):
        ended = reply.ended or "it gave no answer"
        return replace(stated, loads=False, refused=f"loading and trying it was ended: {ended}")
    loads = found["loads"]
    return replace(
        stated,
        loads=loads,
        refused=None if loads else redact(str(found.get("refused"))).text,
        tried_with=str(found["version"]),
        prefix=tuple(found.get("prefix", stated.prefix)),
        suffix=tuple(found.get("suffix", stated.suffix)),
        round_trips=tuple(RoundTrip(**each) for each in found.get("round_trips", ())),
    )
