"""Command lines taken apart by a table of flags: what was said, and what was not understood."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final

import msgspec

from firstmile.check.intent import Argument, Unknown
from firstmile.check.unknown_words import HELP, LONGEST_NAME, as_typed, of_help, shown, unknown

_TRUE: Final = frozenset(("1", "true", "yes", "y", "t", "on", "enabled"))
_FALSE: Final = frozenset(("0", "false", "no", "n", "f", "off", "disabled"))
_UNITS: Final = {"k": 1, "m": 2, "g": 3, "t": 4}
_MOST_COMPARED: Final = 50
"""Unknown words for which the nearest flag is looked for."""


class Takes(Enum):
    """What a flag takes after it."""

    SWITCH = auto()
    """Nothing: it is there or not (`--no-x` says the contrary)."""
    BOOL = auto()
    """A truth value, or nothing, which is true (as Python's own argument classes do)."""
    STATE = auto()
    """on, off or auto, or nothing, which is on; kept as True, False or "auto"."""
    TEXT = auto()
    INT = auto()
    COUNT = auto()
    """A whole number with a unit: 32k is 32,000, 32K is 32,768; "auto" is -1."""
    FLOAT = auto()
    JSON = auto()
    LIST = auto()
    """All words up to the next flag."""
    REPEATED = auto()
    """One word each time; all of them are kept."""
    MAYBE = auto()
    """A text, or nothing, which is kept as the empty text."""


_ANY: Final = "a value"
_KINDS: Final[Mapping[Takes, str]] = {
    Takes.INT: "a whole number",
    Takes.COUNT: "a whole number",
    Takes.FLOAT: "a number",
    Takes.JSON: "JSON",
}
"""What an option takes, in the words of a check that tells of another value."""


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """A flag by its names, those that say the contrary, and what its value is kept under."""

    names: tuple[str, ...]
    keeps: str
    takes: Takes = Takes.TEXT
    denials: tuple[str, ...] = ()


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """How a program reads its flags.

    With `underscores` `--a-b` and `--a_b` are the same; with `abbreviations` so is a beginning
    that only one flag has; with `dotted` `--a.b 1` adds to the tree `a`; with `attached` `-p80`
    is `-p 80`; with `pairs` `--disable-x` denies `--enable-x`. With `first_word_ends` the first
    word that is no flag begins the command of somebody else. A flag that nobody knows takes the
    next word for its value, unless `unknown_are_switches`.
    """

    underscores: bool = True
    abbreviations: bool = False
    dotted: bool = False
    attached: bool = False
    pairs: bool = False
    first_word_ends: bool = False
    unknown_are_switches: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a command line says: values by the names they are kept under, and the rest.

    `unread` holds flags that the table does not have, and values that are not of their kind.
    `unknown` are the flags that the table does not have, alone. `rest` is what begins at the first
    word that is no flag, where the grammar ends there.
    """

    values: Mapping[str, Any]
    positional: tuple[str, ...]
    arguments: tuple[Argument, ...]
    unread: tuple[str, ...]
    unknown: tuple[Unknown, ...] = ()
    rest: tuple[str, ...] = ()


def flag(names: str, keeps: str = "", takes: Takes = Takes.TEXT) -> Flag:
    """Return a flag by its names, parted by blanks; it is kept under the first, plainly.

    A name after "!" says the contrary.
    """
    parts = [name for name in names.split() if name[0] != "!"]
    return Flag(
        names=tuple(parts),
        keeps=keeps or plain(parts[0]),
        takes=takes,
        denials=tuple(name[1:] for name in names.split() if name[0] == "!"),
    )


def flags(takes: Takes, table: str) -> tuple[Flag, ...]:
    """Return the flags of a table of one kind: parted by blanks, names of one by "|"."""
    return tuple(flag(each.replace("|", " "), takes=takes) for each in table.split())


def plain(name: str) -> str:
    """Return a flag's name as it is kept: `--max-len` as `max_len`."""
    return name.lstrip("-").replace("-", "_")


def take_apart(words: Sequence[str], known: Sequence[Flag], grammar: Grammar | None = None) -> Said:
    """Return what a command line says by a table of flags.

    `--flag value` and `--flag=value` are the same; the last of several holds.
    """
    return _Reading(tuple(words), known, grammar or Grammar()).said()


class _Reading(msgspec.Struct):
    words: tuple[str, ...]
    known: Sequence[Flag]
    grammar: Grammar
    place: int = 0
    table: dict[str, tuple[Flag, bool]] = msgspec.field(default_factory=dict)
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    positional: list[str] = msgspec.field(default_factory=list)
    arguments: list[Argument] = msgspec.field(default_factory=list)
    unread: list[str] = msgspec.field(default_factory=list)
    unknown: list[Unknown] = msgspec.field(default_factory=list)
    rest: tuple[str, ...] = ()

    def said(self) -> Said:
        for each in self.known:
            for name in each.names:
                self.table[self._folded(name)] = (each, False)
            for name in each.denials:
                self.table[self._folded(name)] = (each, True)
        while self.place < len(self.words):
            word = self.words[self.place]
            self.place += 1
            if word == "--" or (self.grammar.first_word_ends and not is_flag(word)):
                self._end(word)
                break
            if is_flag(word):
                self._flag(word)
            else:
                self.positional.append(word)
        return Said(
            values=self.values,
            positional=tuple(self.positional),
            arguments=tuple(self.arguments),
            unread=tuple(self.unread),
            unknown=tuple(self.unknown),
            rest=self.rest,
        )

    def _end(self, word: str) -> None:
        left = self.words[self.place :]
        if self.grammar.first_word_ends:
            self.rest = left if word == "--" else (word, *left)
        else:
            self.positional += left

    def _flag(self, word: str) -> None:
        name, equals, given = word.partition("=")
        found = self._find(name)
        if found is not None:
            self._take(found, name, given if equals else None)
            return
        if self.grammar.dotted and "." in name and self._dotted(name, given if equals else None):
            return
        if self.grammar.attached and len(word) > 2 and word[1] != "-":
            short = self.table.get(word[:2])
            if short is not None and short[0].takes is not Takes.SWITCH:
                self._take(short, word[:2], word[2:].removeprefix("="))
                return
            letters = [self.table.get(f"-{letter}") for letter in word[1:]]
            if all(one is not None and one[0].takes is Takes.SWITCH for one in letters):
                for one, letter in zip(letters, word[1:], strict=True):
                    if one is not None:
                        self._take(one, f"-{letter}", None)
                return
        if name in HELP:
            self.unread.append(of_help(word))
            return
        self._unknown(word, bool(equals))

    def _find(self, name: str) -> tuple[Flag, bool] | None:
        folded = self._folded(name)
        found = self.table.get(folded)
        if found is not None:
            return found
        for prefix, contrary in self._contraries():
            if folded.startswith(prefix):
                known = self.table.get(contrary + folded[len(prefix) :])
                if known is not None and known[0].takes in (Takes.SWITCH, Takes.BOOL, Takes.STATE):
                    return known[0], not known[1]
        if self.grammar.abbreviations and folded.startswith("--") and len(folded) > 3:
            long = {
                each[0].keeps: each for key, each in self.table.items() if key.startswith(folded)
            }
            if len(long) == 1:
                return next(iter(long.values()))
        return None

    def _contraries(self) -> Iterator[tuple[str, str]]:
        yield "--no-", "--"
        if not self.grammar.underscores:
            yield "--no_", "--"
        if self.grammar.pairs:
            yield "--disable-", "--enable-"
            yield "--enable-", "--disable-"

    def _take(self, found: tuple[Flag, bool], name: str, given: str | None) -> None:
        known, denied = found
        takes = known.takes
        if takes is Takes.SWITCH or denied:
            truth = _truth(given) if given is not None else True
            if truth is None:
                self.unread.append(shown(f"{name}={given} (it takes no value)"))
                return
            self._keep(known, name, None, truth is not denied)
        elif takes is Takes.LIST:
            listed = [given] if given is not None else []
            while given is None and self.place < len(self.words) and not self._at_flag():
                listed.append(self.words[self.place])
                self.place += 1
            self._keep(known, name, " ".join(listed), tuple(listed))
        else:
            self._take_one(known, name, given)

    def _take_one(self, known: Flag, name: str, given: str | None) -> None:
        takes = known.takes
        bare = given is None and (self.place >= len(self.words) or self._at_flag())
        optional = given is None and takes in (Takes.BOOL, Takes.STATE, Takes.MAYBE)
        if optional and (bare or not self._fits(self.words[self.place], takes)):
            text = "" if takes is Takes.MAYBE else "true"
        elif bare:
            lacking = Argument(written=name, name=known.keeps, value=None, lacks=_ANY)
            self.arguments.append(lacking)
            self.unread.append(f"{name} (it needs a value)")
            return
        elif given is not None:
            text = given
        else:
            text = self.words[self.place]
            self.place += 1
        value = value_of(text, takes)
        if value is None:
            lacks = _KINDS.get(takes)
            wrong = Argument(written=name, name=known.keeps, value=text, lacks=lacks)
            self.arguments.append(wrong)
            self.unread.append(shown(f"{name} {text} (not a value of its kind)"))
            return
        if takes is Takes.REPEATED:
            value = (*self.values.get(known.keeps, ()), text)
        self._keep(known, name, text, value)

    def _fits(self, word: str, takes: Takes) -> bool:
        return takes is Takes.MAYBE or value_of(word, takes) is not None

    def _keep(self, known: Flag, name: str, text: str | None, value: Any) -> None:
        self.arguments.append(Argument(written=name, name=known.keeps, value=text))
        self.values[known.keeps] = value

    def _dotted(self, name: str, given: str | None) -> bool:
        """Add `--a.b 1` to the tree that `--a` keeps; tell whether there is such a flag."""
        head, *path = name.split(".")
        found = self._find(head)
        if found is None or found[0].takes is not Takes.JSON or not all(path) or len(path) > 20:
            return False
        if given is None:
            if self.place >= len(self.words):
                self.unread.append(shown(f"{name} (it needs a value)"))
                return True
            given = self.words[self.place]
            self.place += 1
        value: Any
        if path[-1].endswith("+"):
            path[-1] = path[-1][:-1]
            value = given.split(",")
        else:
            value = value_of(given, Takes.JSON)
            if value is None and given != "null":
                value = given
        keeps = found[0].keeps
        if not isinstance(self.values.get(keeps), dict):
            self.values[keeps] = {}
        tree = self.values[keeps]
        for step in path[:-1]:
            inner = tree.get(step)
            if not isinstance(inner, dict):
                inner = tree[step] = {}
            tree = inner
        tree[path[-1]] = value
        self.arguments.append(Argument(written=name, name=keeps, value=given))
        return True

    def _unknown(self, word: str, equals: bool) -> None:
        text = shown(word)
        name = self._folded(word.partition("=")[0][:LONGEST_NAME])
        if len(self.unread) < _MOST_COMPARED:
            one = as_typed(unknown("option", name, self.table), word.partition("=")[0])
            self.unknown.append(one)
            text += f" (did you mean {one.near}?)" if one.near is not None else ""
        if (
            not equals
            and not self.grammar.unknown_are_switches
            and self.place < len(self.words)
            and not self._at_flag()
        ):
            text += f" {shown(self.words[self.place])}"
            self.place += 1
        self.unread.append(text)

    def _at_flag(self) -> bool:
        return is_flag(self.words[self.place])

    def _folded(self, name: str) -> str:
        if not self.grammar.underscores or not name.startswith("--"):
            return name
        return name.replace("_", "-")


def is_flag(word: str) -> bool:
    """Tell a flag from a value: a negative number is a value."""
    return len(word) > 1 and word[0] == "-" and not word[1].isdigit() and word[:2] != "-."


def _truth(text: str) -> bool | None:
    folded = text.lower()
    return True if folded in _TRUE else False if folded in _FALSE else None


def value_of(text: str, takes: Takes) -> Any:
    """Return a text as a value of a kind, None where it is not one."""
    try:
        if takes is Takes.INT:
            return int(text)
        if takes is Takes.COUNT:
            return count_of(text)
        if takes is Takes.FLOAT:
            number = float(text)
            return number if math.isfinite(number) else None
        if takes is Takes.BOOL:
            return _truth(text)
        if takes is Takes.STATE:
            return "auto" if text.lower() == "auto" else _truth(text)
        if takes is Takes.JSON:
            return json.loads(text)
    except (ValueError, OverflowError, RecursionError):
        return None
    return text


def count_of(text: str) -> int:
    """Return a number with a unit: small letters are powers of 1,000, large ones of 1,024.

    Raises ValueError or OverflowError where it is none.
    """
    if text.lower() == "auto":
        return -1
    unit = text[-1:]
    power = _UNITS.get(unit.lower())
    if power is None:
        return int(text)
    return int(float(text[:-1]) * (1024 if unit.isupper() else 1000) ** power)
