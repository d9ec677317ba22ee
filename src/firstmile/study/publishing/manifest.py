"""SHA256SUMS: what belongs to a published folder, as `sha256sum -c` reads it."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MANIFEST: Final = "SHA256SUMS"
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._/-]{0,400})")


def manifest_text(files: Mapping[str, bytes]) -> str:
    """Return the checksums of files, by name; raises ValueError for a name it cannot hold."""
    lines = []
    for name, data in sorted(files.items()):
        line = f"{hashlib.sha256(data).hexdigest()}  {name}"
        if not _readable(line):
            raise ValueError(f"{name!r} cannot stand in a manifest")
        lines.append(line)
    return "\n".join([*lines, ""])


def listed_files(folder: Path) -> Mapping[str, str]:
    """Return the checksums that a folder's manifest lists, by name; none where it is broken.

    A name that leads out of the folder counts as broken.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in text.splitlines():
        read = _readable(line)
        if read is None:
            return {}
        found[read[2]] = read[1]
    return found


def changed_files(folder: Path) -> list[str]:
    """Return the files of a folder's manifest that are gone or hold something else, by name."""
    return [
        name for name, checksum in listed_files(folder).items() if _sum(folder / name) != checksum
    ]


def _sum(path: Path) -> str:
    """Return a file's checksum, nothing where there is no such file, or a link in its place."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _readable(line: str) -> re.Match[str] | None:
    found = _LINE.fullmatch(line)
    return found if found and not {"", ".", ".."} & set(found[2].split("/")) else None
