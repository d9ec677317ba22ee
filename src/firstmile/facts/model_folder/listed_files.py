"""The files of a model folder, by size, kind, and what their first bytes are."""

import re
from typing import Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import File
from firstmile.facts.model_folder.hashes import Left, has_named_hash
from firstmile.facts.model_folder.source import Source

_HEAD: Final = 256
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
POINTER: Final = b"version https://git-lfs.github.com/spec/"
"""How a pointer of Git LFS begins, which stands where a file was not fetched."""


def list_files(source: Source) -> tuple[File, ...]:
    """Return all files in order of their paths."""
    listed = source.listed()
    if listed is not None:
        return listed
    left = Left()
    return tuple(_file(source, path, left) for path in source.paths())


def _file(source: Source, path: str, left: Left) -> File:
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
