"""What a checkup keeps to itself: keys, tokens, and the folder of the person who asks.

Hosts and addresses stay where no secret stands beside them: without them no command would run.
So do names of persons in paths where it is told on a terminal of the machine that they come from
(`is_private`), and there alone: what is written in a form for others names nobody.
"""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from firstmile.redaction import redact
from firstmile.redaction.rules.people import is_somebody

HOME: Final = "~"
_NO_SECRET: Final = frozenset({"host", "ip-address", "mac-address"})
_NAME: Final = "user"
"""The kind of what stands for a person's account in a path."""
_WORDS: Final = (
    "schema_version versions started fail_on check outcome fit symptom cause stage group "
    "good_state why fix entries references until"
)
_OURS: Final = frozenset(_WORDS.split())
"""Parts of a checkup that are written by us alone."""
_NAMED: Final = (
    r"(?P<flag>(?<![\w-])--?[\w-]{0,40}?(?:api[-_]?key|(?:hf|hub|auth|access|bearer)[-_]token|password"
    r"|passwd|secret))"
)
_FLAG: Final = re.compile(
    rf"(?i){_NAMED}(?P<sign>=|[ ]{{1,4}}(?:\(did you mean [^()]{{1,100}}\)[ ]{{1,4}})?"
    r"|: (?:invalid [\w ]{1,60}: ?|ignored explicit argument ))(?!\(did you mean )"
    r"(?P<value>'[^']{1,400}'?|\"[^\"]{1,400}\"?|[^\s'\"<-]\S{0,400})"
)
"""A flag that takes a secret, whatever that looks like, in a command or in what is said of it."""
_WORD: Final = re.compile(rf"(?is){_NAMED}(?P<sign>=)?(?(sign).*)")
"""The same as a word of a command, with its value or before it."""


def home_of_person() -> str | None:
    """Return the home folder of whoever asks; None for one that many machines share (/root)."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return str(home) if is_somebody(home.name) else None


def _kept(is_private: bool) -> frozenset[str]:
    return _NO_SECRET | {_NAME} if is_private else _NO_SECRET


def without_secrets(text: str, *, home: str | None = None, is_private: bool = False) -> str:
    """Return a text without keys, tokens and names of persons; `home` becomes a tilde."""
    if home:
        text = _within(home).sub(HOME, text)
    if "-" in text:
        text = _FLAG.sub(r"\g<flag>\g<sign><key>", text)
    found = redact(text)
    return text if found.counts.keys() <= _kept(is_private) else found.text


def typed(words: Sequence[str], *, home: str | None = None, is_private: bool = False) -> str:
    """Return a command to be copied, without secrets, in which a shell puts in the home folder."""
    told: list[str] = []
    apart: list[str] = []
    is_secret = False
    for word in words:
        flag = _WORD.fullmatch(word)
        if is_secret and not word.startswith("-"):
            told.append("<key>")
        elif flag and flag["sign"]:
            told.append(f"{flag['flag']}=<key>")
        else:
            told.append(_quoted(word, home))
            apart.append(_quoted(without_secrets(word, is_private=is_private), home))
        apart += told[len(apart) :]
        is_secret = flag is not None and not flag["sign"]
    if is_private and redact(" ".join(apart)).counts.keys() <= _kept(is_private):
        # A secret of one word would take the names of persons out of all others.
        return " ".join(apart)
    whole = without_secrets(" ".join(told), is_private=is_private)
    if _count(whole) == len(words):
        return whole
    # A secret beside a quotation mark took it along, which would set free what it held.
    return " ".join(apart)


def _count(command: str) -> int | None:
    try:
        return len(shlex.split(command))
    except ValueError:
        return None


def withheld(data: Any, *, home: str | None = None, is_private: bool = False) -> Any:
    """Return JSON values, every text in them without secrets but for those written by us."""
    if isinstance(data, str):
        return without_secrets(data, home=home, is_private=is_private)
    if isinstance(data, dict):
        return {
            key: each if key in _OURS else withheld(each, home=home, is_private=is_private)
            for key, each in data.items()
        }
    if isinstance(data, list):
        return [withheld(each, home=home, is_private=is_private) for each in data]
    return data


def _quoted(word: str, home: str | None) -> str:
    if not home:
        return shlex.quote(word)
    first, *others = _within(home).split(word)
    if not others:
        return shlex.quote(word)
    if not first and len(others) == 1:
        # A shell knows the tilde at the beginning of a word alone, and not within quotes.
        rest = others[0].removeprefix("/")
        return HOME + ("/" if others[0] else "") + (shlex.quote(rest) if rest else "")
    return '"$HOME"'.join(shlex.quote(part) if part else "" for part in (first, *others))


def _within(home: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./-]){re.escape(home.rstrip('/'))}(?![\w.-])")
