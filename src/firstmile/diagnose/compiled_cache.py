"""The cache of compiled signatures: a folder that nobody but its user can write.

Hyperscan trusts what it loads, so a file that somebody else could have written would be a way to
take over the process. It is read only where the folder and the file belong to the user and
nobody else may write them, and where its content has the hash it should have.
"""

import contextlib
import hashlib
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.rendering.files import write_whole

_MOST_FILES: Final = 4
_LARGEST: Final = 64 * 1024 * 1024
_SUFFIX: Final = ".compiled"
_HASH_BYTES: Final = 32


class CompiledCache:
    """Compiled signatures by what they were made from; nothing in it is needed."""

    def __init__(self, folder: Path) -> None:
        """Keep files in a folder, which is made when the first one is written."""
        self.folder = folder

    def read(self, made_from: Sequence[bytes]) -> bytes | None:
        """Return what was compiled from this, or None where it is not there or not trusted."""
        if not _is_ours_alone(self.folder):
            return None
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            opened = os.open(self._file(made_from), flags)
            with os.fdopen(opened, "rb") as file:
                status = os.fstat(opened)
                if not stat.S_ISREG(status.st_mode) or not _is_trusted(status):
                    return None
                content = file.read(_LARGEST)
        except OSError:
            return None
        known, compiled = content[:_HASH_BYTES], content[_HASH_BYTES:]
        return compiled if hashlib.sha256(compiled).digest() == known else None

    def write(self, made_from: Sequence[bytes], compiled: bytes) -> None:
        """Keep what was compiled, if that can be done safely; older files give way."""
        with contextlib.suppress(OSError, UserError):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                self.folder.mkdir(mode=0o700)
            if not _is_ours_alone(self.folder):
                return
            file = self._file(made_from)
            write_whole(file, hashlib.sha256(compiled).digest() + compiled)
            kept = sorted(
                self.folder.glob(f"*{_SUFFIX}"),
                key=lambda other: (other == file, other.stat().st_mtime_ns),
            )
            for old in kept[:-_MOST_FILES]:
                old.unlink()

    def _file(self, made_from: Sequence[bytes]) -> Path:
        name = hashlib.sha256()
        for part in made_from:
            name.update(len(part).to_bytes(8, "big") + part)
        return self.folder / f"{name.hexdigest()}{_SUFFIX}"


def user_cache() -> CompiledCache | None:
    """Return the user's cache, or None where a folder's owner cannot be told (Windows)."""
    if sys.platform == "win32":
        return None
    try:
        if sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # nobody knows where home is
        return None
    return CompiledCache(base / "firstmile" / "signatures") if base.is_absolute() else None


def _is_ours_alone(folder: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _is_trusted(status) and not status.st_mode & 0o077


def _is_trusted(status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
