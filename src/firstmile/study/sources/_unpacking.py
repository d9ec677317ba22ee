"""Bytes of a file, unpacked where it is gzip, as far as they go."""

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.quoting import shown

_BLOCK: Final = MIB
_PACKED_BLOCK: Final = 256 * 1024


def unreadable(name: str, error: OSError) -> UserError:
    """Return the error for a file that the system doesn't give."""
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{shown(name)} cannot be read ({reason}).")


def blocks_of(path: Path, name: str) -> Iterator[bytes]:
    """Yield a file's bytes, unpacked where it is gzip; raises UserError where that breaks off.

    What could be unpacked before a break is yielded first.
    """
    try:
        yield from _raw_blocks(path)
    except EOFError as error:
        raise UserError(
            f"{shown(name)} breaks off after line {lines_before(path)}: its gzip data end too "
            "early; download or export it again."
        ) from error
    except zlib.error as error:
        raise UserError(
            f"{shown(name)} is damaged after line {lines_before(path)}: its gzip data do not "
            "unpack; download or export it again."
        ) from error
    except OSError as error:
        raise unreadable(name, error) from error


def lines_before(path: Path, end: int | None = None) -> int:
    """Return how many lines end before a byte of the unpacked file, or where it breaks off.

    Counted only when a sentence needs it: to count always would slow every file down by a sixth.
    """
    lines = place = 0
    with contextlib.suppress(EOFError, zlib.error, OSError):
        for block in _raw_blocks(path):
            if end is not None and place + len(block) >= end:
                return lines + block.count(b"\n", 0, end - place)
            lines += block.count(b"\n")
            place += len(block)
    return lines


def _raw_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        yield from _unpacked(file) if packed else iter(lambda: file.read(_BLOCK), b"")


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what is in a gzip file of one or several members, in blocks of bounded size.

    Raises EOFError where it ends too early, zlib.error where it is damaged.
    """
    try:
        from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError
    except ModuleNotFoundError:
        yield from _unpacked_by_zlib(file)
        return
    member, packed = IgzipDecompressor(flag=DECOMP_GZIP), b""
    while True:
        if member.eof:
            packed = (member.unused_data or file.read(_PACKED_BLOCK)).lstrip(b"\0")
            if not packed:
                return
            member = IgzipDecompressor(flag=DECOMP_GZIP)
        elif member.needs_input:
            packed = file.read(_PACKED_BLOCK)
            if not packed:
                raise EOFError
        try:
            block = member.decompress(packed, _BLOCK)
        except cast(type[Exception], IsalError) as error:
            raise zlib.error(str(error)) from error
        packed = b""
        if block:
            yield block


def _unpacked_by_zlib(file: IO[bytes]) -> Iterator[bytes]:
    member, packed = zlib.decompressobj(wbits=31), file.read(_PACKED_BLOCK)
    while packed:
        if block := member.decompress(packed, _BLOCK):
            yield block
        packed = member.unconsumed_tail or member.unused_data
        if member.eof:
            packed = (packed or file.read(_PACKED_BLOCK)).lstrip(b"\0")
            if not packed:
                return
            member = zlib.decompressobj(wbits=31)
        packed = packed or file.read(_PACKED_BLOCK)
    raise EOFError
