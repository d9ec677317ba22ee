"""Files read as streams that are bounded, hashed and checked on the way."""

import codecs
import hashlib
import io
from collections.abc import Callable
from typing import IO, Final

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.quoting import shown

_BLOCK: Final = MIB
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CheckedStream(io.RawIOBase):
    """A file's bytes, counted against a ceiling and hashed.

    With `text`, bytes that are not UTF-8 and NUL bytes are refused. Raises UserError from any
    read. `sha256` is right once the end was reached; `drain()` reads up to it. `watch` is given
    every block.
    """

    watch: Callable[[bytes], None] | None = None

    def __init__(self, raw: IO[bytes], name: str, *, ceiling: int, text: bool = True) -> None:
        self.name = name
        self.bytes = 0
        self._raw = raw
        self._ceiling = ceiling
        self._hash = hashlib.sha256()
        self._lines = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")() if text else None

    @property
    def sha256(self) -> str:
        """The hash of what was read so far."""
        return self._hash.hexdigest()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer."""
        block = self._raw.read(len(buffer))
        buffer[: len(block)] = block
        self._check(block)
        return len(block)

    def close(self) -> None:
        """Close the file below as well."""
        if not self.closed:
            self._raw.close()
        super().close()

    def drain(self) -> None:
        """Read what is left, so that the hash covers the whole file."""
        while self.read(_BLOCK):
            pass

    def _check(self, block: bytes) -> None:
        if not self.bytes and self._decoder and block.startswith(_UTF16):
            raise UserError(f"{shown(self.name)} is UTF-16; save it as UTF-8.")
        if not self.bytes and self._decoder and block.startswith(b"\x1f\x8b"):
            raise UserError(f"{shown(self.name)} is gzip-compressed; unpack it first.")
        self.bytes += len(block)
        if self.bytes > self._ceiling:
            raise too_large(self.name, self._ceiling)
        self._hash.update(block)
        if self.watch is not None:
            self.watch(block)
        if self._decoder is None:
            return
        if (nul := block.find(b"\0")) >= 0:
            line = self._lines + block.count(b"\n", 0, nul) + 1
            raise UserError(
                f"Line {line} of {shown(self.name)} holds a NUL byte; the file is damaged or "
                "is no text file."
            )
        try:
            self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = self._lines + block.count(b"\n", 0, error.start) + 1
            raise UserError(
                f"Line {line} of {shown(self.name)} is not UTF-8; save the file as UTF-8."
            ) from error
        self._lines += block.count(b"\n")


def too_large(name: str, ceiling: int) -> UserError:
    """Return the error for a file above its ceiling."""
    amount = f"{ceiling // MIB} MiB" if ceiling >= MIB else f"{ceiling} bytes"
    return UserError(
        f"{shown(name)} holds more than {amount}, which is the most that is read of one file; "
        "split it, or give it as Parquet."
    )


def read_document(stream: CheckedStream) -> bytes:
    """Return a whole text file without its byte order mark, and close it."""
    with stream:
        blocks = []
        while block := stream.read(_BLOCK):
            blocks.append(block)
    return b"".join(blocks).removeprefix(codecs.BOM_UTF8)
