"""Zip archives, read member by member and never unpacked to disk."""

import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB, Ceilings
from firstmile.study.reading.folders import Container, is_hidden, open_regular
from firstmile.study.reading.quoting import shown
from firstmile.study.reading.streams import CheckedStream

_END: Final = struct.Struct("<4s4H2LH")
"""End of central directory record (APPNOTE.TXT 4.3.16)."""

_LOCATOR: Final = b"PK\x06\x07"
_SMALL: Final = MIB
"""Members up to this size may be packed as tightly as they like."""

_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError,
)  # fmt: skip


class Archive(Container):
    """A zip; one folder around everything (as in GitHub's archives) is left out of the names.

    The names of all members are checked when opened: what is absolute, climbs out, is a link,
    is encrypted or stands there twice is refused. Sizes are checked before and while a member
    is read, so a declared size that lies does not help. Close it, or use it in `with`.
    """

    def __init__(self, path: Path, name: str, ceilings: Ceilings) -> None:
        self._name = name
        self._ceilings = ceilings
        self._unpacked = 0
        self._file = open_regular(path, name, ceilings.file_bytes)
        try:
            self._zip = self._open(self._file)
            self._members = self._checked(self._zip.infolist())
        except BaseException:
            self._file.close()
            raise
        self.names = tuple(sorted(self._members))

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def open(self, name: str, *, ceiling: int, text: bool = True) -> CheckedStream:
        """Open a member; raises UserError, also while it is read."""
        member = self._members[name]
        self._unpacked += member.file_size
        if self._unpacked > self._ceilings.unpacked_bytes or member.file_size > ceiling:
            raise self._refused(name, "unpacks to more than is read of one archive")
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > _SMALL and ratio > self._ceilings.unpacked_ratio:
            raise self._refused(name, f"is packed {ratio:,.0f} to 1, as in a zip bomb")
        try:
            packed = self._zip.open(member)
        except _BROKEN as error:
            raise self._refused(name, "cannot be unpacked") from error
        return _MemberStream(packed, name, self, ceiling=min(ceiling, member.file_size), text=text)

    def damaged(self, name: str) -> UserError:
        """Return the error for a member that breaks off while it is read."""
        return self._refused(name, "is damaged")

    def _open(self, file: IO[bytes]) -> zipfile.ZipFile:
        _check_directory(file, self._name, self._ceilings)
        try:
            return zipfile.ZipFile(file)
        except _BROKEN as error:
            raise UserError(f"{shown(self._name)} is a damaged zip; get it again.") from error

    def _checked(self, members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(members) > self._ceilings.files:
            raise UserError(
                f"{shown(self._name)} holds more than {self._ceilings.files:,} files; "
                "pack the data alone."
            )
        found: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            name = member.orig_filename
            self._check_name(name)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise self._refused(name, "is a link")
            if member.flag_bits & 0x1:
                raise self._refused(name, "is encrypted")
            if member.is_dir():
                continue
            if any(is_hidden(part) for part in name.split("/")):
                self.hidden += 1
                continue
            if name in found:
                raise self._refused(name, "stands in it twice")
            found[name] = member
        return _without_outer_folder(found)

    def _check_name(self, name: str) -> None:
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or ":" in parts[0] or "\0" in name:
            raise self._refused(name, "has an absolute or foreign path")
        if ".." in parts:
            raise self._refused(name, "has a path that leaves the archive")

    def _refused(self, member: str, why: str) -> UserError:
        return UserError(
            f"{shown(member)} in {shown(self._name)} {why}; "
            "unpack the archive yourself, look at it, and give the folder."
        )


class _MemberStream(CheckedStream):
    """A member's bytes; what breaks off while unpacking is a UserError."""

    def __init__(
        self, raw: IO[bytes], name: str, archive: Archive, *, ceiling: int, text: bool
    ) -> None:
        super().__init__(raw, name, ceiling=ceiling, text=text)
        self._archive = archive

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer."""
        try:
            return super().readinto(buffer)
        except _BROKEN as error:
            raise self._archive.damaged(self.name) from error


def _without_outer_folder(members: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    paths = [PurePosixPath(name).parts for name in members]
    if not paths or len({parts[0] for parts in paths}) > 1 or min(map(len, paths)) < 2:
        return members
    return {name.partition("/")[2]: member for name, member in members.items()}


def _check_directory(file: IO[bytes], name: str, ceilings: Ceilings) -> None:
    """Refuse what is no zip, and a list of members too large to hold.

    The end record is looked for as the standard library does: without a comment first.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - _END.size))
    tail = file.read()
    place = len(tail) - _END.size
    if place < 0 or not (tail.startswith(b"PK\x05\x06", place) and tail.endswith(b"\0\0")):
        place = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    if place < 0 or len(tail) < place + _END.size:
        looks = " (it looks like a web page)" if file.read(512).lstrip()[:1] == b"<" else ""
        raise UserError(f"{shown(name)} is no zip{looks}; get it again or check the address.")
    directory_bytes = _END.unpack_from(tail, place)[5]
    if directory_bytes > ceilings.directory_bytes or tail.startswith(_LOCATOR, max(place - 20, 0)):
        raise UserError(
            f"{shown(name)} holds more files than are read of one archive; pack the data alone."
        )
