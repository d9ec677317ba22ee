"""What is known of failures: entries (known failure modes) and the casebook (reported cases).

`cases.load_cases()` reads the casebook, one TOML file a case; `entries.load_entries()` the
entries, one Markdown file each; `matching.Signatures` finds entries' signatures in lines of text.
"""

from firstmile.knowledge.cases import Case, Outcome, load_cases
from firstmile.knowledge.entries import Entry, Signature, load_entries
from firstmile.knowledge.matching import Hit, Match, Signatures, ranked

__all__ = [
    "Case",
    "Entry",
    "Hit",
    "Match",
    "Outcome",
    "Signature",
    "Signatures",
    "load_cases",
    "load_entries",
    "ranked",
]
