"""What stands where a secret would, and is none: a state, a variable, a call, a placeholder.

That `HF_TOKEN` is `expired`, `(empty)` or `$HF_TOKEN` may be the very reason of a failure.
"""

import re
from typing import Final

from firstmile.redaction.rule import words

_STATES: Final = words(
    "absent accepted access_denied active any authentication authorization bad blank bool broken",
    "bytes changeme correct corrupt credentials default defined denied deprecated disabled dummy",
    "empty enabled environment error example exists expired failed failure false forbidden found",
    "granted header here hidden incorrect insufficient_scope int invalid invalid_client",
    "invalid_grant invalid_token is key leaked loaded malformed mandatory masked mismatch missing",
    "needed no none not null off ok okay on optional outdated password placeholder present",
    "provided read redacted rejected required revoked scheme secret secretstr set",
    "sk-no-key-required stale str string test todo token tokens true unauthorized",
    "unauthorized_client undefined union unknown unset unsupported unused used valid value",
    "variable was will wrong yes your",
)
"""What is said of a secret instead of it, in lower case."""

_SAID_IN_MANY: Final = re.compile(r"[\s_-]+")
_PARTICIPLE: Final = re.compile(r"[a-z]{4,}ed")
_AROUND: Final = "()[]{}.!?: \t"
_MARK: Final = re.compile(r"\[(?:/?[A-Z_0-9]{1,24}|unused\d+)\]|\{.*\}|#+[A-Z_]+#+", re.DOTALL)

_HIDDEN: Final = re.compile(r"[*xX.•_-]+|.{0,3}[*•]{3,}.*", re.DOTALL)
_VARIABLE: Final = re.compile(
    r"\$\{?(?:env:)?[A-Za-z_][\w.]*\}?|\$\d|\$[({].*|(?:\$\{?[A-Z_][A-Z0-9_]*\}?[-/:.@]?)+"
    r"|%\w+%|%\(?\w*\)?s",
    re.DOTALL,
)
_LITERAL_DOLLAR: Final = re.compile(r"\$[a-z][a-z_.]*\d[\w.]*")
_YOURS: Final = re.compile(
    r"(?i:.*your(?=.*(?:token|key|pass|pwd|secret|api|here|credential|value|login|account)).*)",
    re.DOTALL,
)
_OTHER_NAME: Final = re.compile(r"-?[\d.]+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
"""A number, or another variable."""

_ATTRIBUTE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_HOLDERS: Final = words(
    "app args cfg cls conf config configs ctx data env environ flags hparams kwargs local opt",
    "options opts os params parser process request secrets self session settings st state this",
    "userdata var vars",
)
_HELD: Final = re.compile(r"(?i:.*(?:token|key|pass|pwd|secret|credential|value|text|name).*)")
_PATH: Final = re.compile(r"[~.]?/.*|[A-Za-z]:\\.*|\S+\.json", re.DOTALL)
_LONGEST: Final = 120


def is_state(value: str) -> bool:
    """Whether a value says of a secret how it is: `expired`, `(empty)`, `not set`."""
    text = value[: _LONGEST + 1].strip(_AROUND).lower()
    if text in _STATES or not text:
        return True
    parts = _SAID_IN_MANY.split(text)
    return 1 < len(parts) <= 4 and parts[0] in ("not", "no", "is") and _STATES.issuperset(parts)


def is_participle(value: str) -> bool:
    """Whether a value is a word such as `suspended`, which tells a state where prose may stand."""
    return _PARTICIPLE.fullmatch(value) is not None


def is_stand_in(value: str, *, is_literal: bool = False) -> bool:
    """Whether a value is hidden, a variable, or a placeholder that asks for one's own.

    Where a value `is_literal`, as between single quotation marks, a dollar may be its first sign.
    """
    if is_literal and _LITERAL_DOLLAR.fullmatch(value):
        return False
    if _HIDDEN.fullmatch(value):
        return True
    return len(value) <= _LONGEST and any(
        form.fullmatch(value) is not None for form in (_VARIABLE, _YOURS, _MARK)
    )


def is_code(value: str) -> bool:
    """Whether a bare value is a number, a variable's name, or an attribute that holds a secret."""
    if _OTHER_NAME.fullmatch(value):
        return True
    if not _ATTRIBUTE.fullmatch(value):
        return False
    first, _, rest = value.partition(".")
    return first.lower() in _HOLDERS or _HELD.fullmatch(rest.rpartition(".")[2]) is not None


def is_path(value: str) -> bool:
    """Whether a value is the path of a file that may hold a secret."""
    return _PATH.fullmatch(value) is not None
