"""Plain text for a terminal: widths, and emphasis only where a person looks."""

import os
import shutil
import sys

from firstmile.rendering import wrapping

WIDEST = 100


def bold(text: str) -> str:
    """Return text in bold where the terminal shows it."""
    return _styled(text, "1")


def dim(text: str) -> str:
    """Return text dimmed where the terminal shows it."""
    return _styled(text, "2")


def terminal_width() -> int:
    """Return the columns of the terminal, 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def wrapped(text: str, *, indent: str = "") -> list[str]:
    """Break text to the terminal's width (at most WIDEST), as `wrapping` does."""
    return wrapping.wrapped(text, indent=indent, width=min(WIDEST, terminal_width()))


def fitted(markdown: str, *, indent: str = "") -> list[str]:
    """Break Markdown to the terminal's width (at most WIDEST), and leave its code as it stands."""
    return wrapping.fitted(markdown, indent=indent, width=min(WIDEST, terminal_width()))


def _styled(text: str, code: str) -> str:
    shown = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return f"\x1b[{code}m{text}\x1b[0m" if shown else text
