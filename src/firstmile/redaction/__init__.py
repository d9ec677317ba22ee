"""Secrets, personal names, paths and hosts out of any text, before it is stored, shown or sent.

`redact` takes a text and returns it with stable placeholders and how many of each kind it put
in; `redact_words` redacts the words of a command. The rules stand in `rules/`, one module a
family, each rule with texts that it must change and texts that it must leave alone. `VERSION` goes
beside everything that was redacted.
"""

from firstmile.redaction.commands import redact_words
from firstmile.redaction.owners import owners, without_owners
from firstmile.redaction.redacting import RULES, VERSION, Redacted, redact
from firstmile.redaction.rule import Keeps, Rule, Turns

__all__ = [
    "RULES",
    "VERSION",
    "Keeps",
    "Redacted",
    "Rule",
    "Turns",
    "owners",
    "redact",
    "redact_words",
    "without_owners",
]
