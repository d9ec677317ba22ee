"""What is no text: binary files are told from logs by how they begin and what they hold.

Zero bytes say nothing: a log that is written on after it was emptied has a hole of them.
"""

from typing import Final

from firstmile.errors import UserError

SAMPLE_BYTES: Final = 64 * 1024
_MOST_CONTROLS: Final = 0.03
"""Share of control characters in a text; bytes at random have 0.1."""
_CONTROLS: Final = bytes({*range(1, 32)} - {*b"\b\t\n\v\f\r\x1b"})
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_COMPRESSED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
_PROGRAM: Final = b"\x7fELF"


def has_mark_of_utf_16(data: bytes) -> bool:
    """Say whether bytes begin as UTF-16 does.

    A space or the end of a line has a zero byte in it, and none in any other text.
    """
    return data.startswith(_UTF_16) and b"\0" in data


def require_text(head: bytes, sample: bytes, name: str) -> None:
    """Raise UserError where a file is no text, by its first bytes and some of what it holds.

    `name` is shown as it is.
    """
    if has_mark_of_utf_16(head):
        raise UserError(f"{name} is UTF-16: save it as UTF-8 (in PowerShell, Out-File -Encoding).")
    if head.startswith(_COMPRESSED):
        raise UserError(f"{name} is compressed: unpack it first.")
    text = sample[:SAMPLE_BYTES].replace(b"\0", b"")
    controls = len(text) - len(text.translate(None, _CONTROLS))
    if head.startswith(_PROGRAM) or controls > _MOST_CONTROLS * len(text):
        raise UserError(f"{name} is no text: name the log or the report itself.")


def nothing_but_zeros(name: str) -> UserError:
    """Return what is to be said of a file that holds zero bytes alone."""
    return UserError(f"{name} holds nothing but zero bytes: what was written there is lost.")
