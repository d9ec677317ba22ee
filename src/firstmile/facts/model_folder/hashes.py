"""Files of a Hub cache, held against the hash that they are named by, as far as time allows.

A blob is named by its etag: the sha256 of a large file (Git LFS, Xet), and for others git's hash
of a blob, which is the sha1 of "blob", the size and the bytes. Sources: the guide to the cache in
the documentation of huggingface_hub, and `git hash-object` in git's.
"""

import re
from typing import Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.source import Source

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one folder together: some 40 ms. Weights are larger, and are not hashed."""
_NAME: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PIECE: Final = 1 << 22


class Left(msgspec.Struct):
    """How many bytes of a folder may still be hashed."""

    size: int = MOST_BYTES


def has_named_hash(source: Source, path: str, name: str, left: Left) -> bool | None:
    """Say whether a file has the hash that it is named by; None where it was not hashed."""
    if not _NAME.fullmatch(name):
        return None
    import hashlib

    try:
        size = source.size(path)
        if size > left.size:
            return None
        left.size -= size
        if len(name) == 64:
            found = hashlib.sha256()
        else:
            found = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        at = 0
        while at < size:
            piece = source.read(path, start=at, length=min(_PIECE, size - at))
            if not piece:
                return None
            found.update(piece)
            at += len(piece)
    except UnreadableError:
        return None
    return found.hexdigest() == name
