"""Quoting: lines as evidence, which shows of a secret all or nothing."""

from typing import Final

from firstmile.diagnose.reading import Line
from firstmile.findings import Evidence

LONGEST_QUOTE: Final = 240


def as_evidence(line: Line) -> Evidence:
    """Return a line as evidence; of a very long one its beginning."""
    text = line.text.strip()
    if len(text) > LONGEST_QUOTE:
        text = f"{_beginning(text)}…"
    return Evidence(text=text, file=line.file, record=line.number)


def _beginning(text: str) -> str:
    """Return the beginning of a long line, which never ends within a secret.

    What keeps a diagnosis redacts it, and a secret that was cut is no longer known as one: so
    the cut is where redaction makes the same of the beginning as of the whole.
    """
    from firstmile.redaction import redact  # not needed for most lines

    whole = redact(text).text
    shown = text[: LONGEST_QUOTE - 1]
    while not whole.startswith(redact(shown).text):
        shown = shown.rpartition(" ")[0]
    return shown
