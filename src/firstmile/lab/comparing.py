"""Comparing: which entries of the knowledge base a log meets, the likeliest first."""

from firstmile.diagnose.reading import read_lines
from firstmile.knowledge.matching import Match, Signatures, ranked


def matches(log: str, signatures: Signatures) -> tuple[Match, ...]:
    """Return the entries that a log meets, the likeliest first."""
    return ranked(signatures.hits([line.text for line in read_lines(log)]))
