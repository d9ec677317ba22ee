"""The files of a model folder, by size, kind, and what their first bytes are."""

import re
from collections.abc import Sequence
from typing import Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import PICKLE_ENDINGS, File
from firstmile.facts.model_folder.hashes import Left, has_named_hash
from firstmile.facts.model_folder.source import Source

_HEAD: Final = 256
MOST_OPENED: Final = 1_000
"""Files beside those of weights whose beginning is read."""
_OF_WEIGHTS: Final = (*PICKLE_ENDINGS, ".safetensors", ".gguf", ".model")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
POINTER: Final = b"version https://git-lfs.github.com/spec/"
"""How a pointer of Git LFS begins, which stands where a file was not fetched."""


def list_files(source: Source) -> tuple[File, ...]:
    """Return all files in order of their paths."""
    listed = source.listed()
    if listed is not None:
        return listed
    left = Left()
    paths = source.paths()
    opened = _opened(paths)
    return tuple(_file(source, path, left, opened) for path in paths)


def _opened(paths: Sequence[str]) -> frozenset[str]:
    """Return the files whose beginning is read: those of weights, and the outermost of the others.

    A model has few beside its weights. Of a whole disk, or a home, thousands would be opened for
    nothing.
    """
    weights = {path for path in paths if path.endswith(_OF_WEIGHTS)}
    others = sorted((path for path in paths if path not in weights), key=lambda one: one.count("/"))
    return frozenset((*weights, *others[:MOST_OPENED]))


def _file(source: Source, path: str, left: Left, opened: frozenset[str]) -> File:
    if path not in opened:
        kind, size = source.glance(path)
        return File(path=path, size_bytes=size, kind=kind, looks="other")
    kind = source.kind(path)
    if kind not in ("file", "link"):
        return File(path=path, size_bytes=0, kind=kind, looks="other")
    try:
        size, head = source.beginning(path, _HEAD)
    except UnreadableError:
        # It was a plain file a moment ago: one that may not be opened, unless it changed.
        now = "special" if source.kind(path) == "special" else "unreadable"
        return File(path=path, size_bytes=0, kind=now, looks="other")
    named = source.real_name(path) if kind == "link" else ""
    return File(
        path=path,
        size_bytes=size,
        kind=kind,
        looks=looks_like(head, size),
        named_sha256=named if _SHA256.fullmatch(named) else None,
        has_named_hash=has_named_hash(source, path, named, left),
    )


def looks_like(head: bytes, size: int) -> str:
    """Return what a file is by its first bytes."""
    if not head:
        return "empty"
    if head.startswith(POINTER):
        return "pointer"
    if head.startswith(b"GGUF"):
        return "gguf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "pickle"
    length = int.from_bytes(head[:8], "little")
    if head[8:9] == b"{" and 0 < length <= max(size, 0):
        return "safetensors"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return "html"
    if start.startswith((b"{", b"[")):
        return "json"
    try:
        head[: head.rfind(b"\n") + 1 or len(head)].decode("utf-8")
    except UnicodeDecodeError:
        return "other"
    return "other" if b"\x00" in head else "text"
