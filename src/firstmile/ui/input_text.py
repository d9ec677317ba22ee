"""What is to be diagnosed, from a file, a folder of rank logs, standard input or an address."""

import os
import stat
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible

if TYPE_CHECKING:
    from firstmile.diagnose.reading import Line

MOST_FILES: Final = 2_048
"""Logs of one folder: a run on more ranks says the same in the first of them."""
LOG_SUFFIXES: Final = frozenset((".log", ".txt", ".out", ".err", ".stderr", ".stdout", ""))
_NAMED_UNREAD: Final = 3
SMALL: Final = 1_000_000
"""Bytes that are read as they are; of what is larger a digest is made."""


def read_source(source: str) -> "tuple[Line, ...]":
    """Return the lines of a file, of a folder's logs, or of what stands at an address.

    Raises UserError where there are none.
    """
    from firstmile.ui.addresses import is_address, read_address

    if is_address(source):
        return _of_all_bytes(BytesIO(read_address(source)), shown="What stands there")
    path = Path(source)
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise UserError(f"{visible(source)} is not there: name a log, a folder of logs, or - .")
    return _of_file(path, name=None)


def read_standard_input() -> "tuple[Line, ...]":
    """Return the lines of standard input, however many there are."""
    if sys.stdin is None:
        raise UserError("There is no standard input to read: name a file.")
    return _of_all_bytes(sys.stdin.buffer, shown="The input")


def _of_all_bytes(raw: BinaryIO, *, shown: str) -> "tuple[Line, ...]":
    from firstmile.diagnose.no_text import has_mark_of_utf_16, nothing_but_zeros

    head = raw.read(SMALL + 1)
    if len(head) <= SMALL:
        return _of_bytes(head, name=None, shown=shown)
    with tempfile.NamedTemporaryFile(prefix="firstmile-") as kept:
        # Zero bytes say nothing, and a hole of them may be larger than the disk.
        wide = has_mark_of_utf_16(head)
        block = head
        while block:
            kept.write(block if wide else block.replace(b"\0", b""))
            block = raw.read(1 << 20)
        kept.flush()
        if not kept.tell():
            raise nothing_but_zeros(shown)
        return _digested(Path(kept.name), shown=shown)


def _of_folder(folder: Path) -> "tuple[Line, ...]":
    """Return the lines of all logs below a folder, in order of time where every line has one."""
    files = sorted(_logs(folder))
    if not files:
        raise UserError(
            f"{visible(str(folder))} holds no logs (.log, .txt, .out, .err): name a file."
        )
    if len(files) > MOST_FILES:
        _say(f"{visible(str(folder))} holds more than {MOST_FILES:,} logs: the first are read.")
    found: list[Line] = []
    unread = 0
    for file in files[:MOST_FILES]:
        try:
            found += _of_file(file, name=str(file.relative_to(folder)))
        except UserError as error:
            unread += 1
            if unread <= _NAMED_UNREAD:
                _say(f"{error} It is left out.")
    if unread > _NAMED_UNREAD:
        _say(f"{unread - _NAMED_UNREAD} more logs are left out.")
    if not found:
        reason = "are empty or cannot be read" if unread else "are empty"
        raise UserError(f"The logs in {visible(str(folder))} {reason}.")
    return tuple(found)


def _logs(folder: Path) -> list[Path]:
    found = []
    for place, _, names in os.walk(folder, followlinks=False):
        for name in names:
            path = Path(place) / name
            if path.suffix.lower() in LOG_SUFFIXES and stat.S_ISREG(path.lstat().st_mode):
                found.append(path)
                if len(found) > 2 * MOST_FILES:
                    return found
    return found


def _of_file(path: Path, *, name: str | None) -> "tuple[Line, ...]":
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= SMALL:
            return _of_bytes(path.read_bytes(), name=name, shown=visible(str(path)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{visible(str(path))} cannot be read: {reason}.") from error
    from dataclasses import replace

    lines = _digested(path, shown=visible(str(path)))
    return lines if name is None else tuple(replace(line, file=name) for line in lines)


def _of_bytes(data: bytes, *, name: str | None, shown: str) -> "tuple[Line, ...]":
    from firstmile.diagnose.no_text import nothing_but_zeros, require_text
    from firstmile.diagnose.reading import read_lines, text_of

    text = _of_utf_16(data)
    if text is None:
        written = data.replace(b"\0", b"")
        if data and not written:
            raise nothing_but_zeros(shown)
        require_text(data, written, shown)
        text = text_of(written)
    return tuple(read_lines(text, file=name))


def _of_utf_16(data: bytes) -> str | None:
    """Return the text of what begins with UTF-16's mark and is UTF-16, as PowerShell writes it."""
    from firstmile.diagnose.no_text import has_mark_of_utf_16

    if not has_mark_of_utf_16(data):
        return None
    try:
        return data[: len(data) // 2 * 2].decode("utf-16")
    except UnicodeDecodeError:
        return None


def _digested(path: Path, *, shown: str) -> "tuple[Line, ...]":
    """Return what is telling of a large file, and say what of it was not looked at."""
    from firstmile.diagnose.digest import Digester
    from firstmile.knowledge import Signatures, load_entries

    found = Digester(Signatures(load_entries())).digest(path)
    for note in found.notes:
        _say(f"{shown}: {note}")
    return found.lines


def _say(note: str) -> None:
    typer.echo(f"firstmile: {note}", err=True)
