r"""Syntax: a pattern (RE2) as a tree, as far as it takes to say which texts may meet it.

The tree is simpler than the pattern: the ends of lines and texts (`^`, `$`) are empty text, and
groups, names and greed are gone. So it is met by every text that meets the pattern, and by some
more. The grammar is https://github.com/google/re2/wiki/Syntax; what is not known here is no tree.
"""

from dataclasses import dataclass
from typing import Final

LAST_RUNE: Final = 0x10FFFF
MOST_REPEATS: Final = 1_000
"""What RE2 allows to be counted."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Text:
    """These characters; in upper or lower case where case does not matter."""

    value: str
    any_case: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character within these ranges, both ends included."""

    ranges: tuple[Range, ...]
    any_case: bool

    @property
    def size(self) -> int:
        """How many characters it may be."""
        return sum(last - first + 1 for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts, one after the other."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; `most` is None where there is no limit."""

    part: "Tree"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class WordEdge:
    r"""A place where a word begins or ends (`\b`), as ASCII has words."""


Tree = Text | OneOf | WordEdge | Chain | Choice | Repeat


def tree_of(pattern: str) -> Tree | None:
    """Read a pattern; None where it uses what is not known here."""
    try:
        return _Reader(pattern).read()
    except (_UnknownError, IndexError, RecursionError):
        return None


class _UnknownError(Exception):
    """The pattern uses what this reader does not know."""


_DIGITS: Final = ((0x30, 0x39),)
_SPACES: Final = ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20))
_WORDS: Final = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))


def _others(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    found = []
    start = 0
    for first, last in sorted(ranges):
        if first > start:
            found.append((start, first - 1))
        start = max(start, last + 1)
    if start <= LAST_RUNE:
        found.append((start, LAST_RUNE))
    return tuple(found)


_CLASSES: Final = {
    "d": _DIGITS,
    "D": _others(_DIGITS),
    "s": _SPACES,
    "S": _others(_SPACES),
    "w": _WORDS,
    "W": _others(_WORDS),
}
_CONTROLS: Final = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_NEWLINE: Final = ((0x0A, 0x0A),)
_EMPTY: Final = Text("", any_case=False)


class _Reader:
    """Reads one pattern from left to right; flags hold to the end of their group."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.any_case = False
        self.dot_is_all = False

    def read(self) -> Tree:
        found = self.choice()
        if self.at < len(self.pattern):
            raise _UnknownError
        return found

    def next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def choice(self) -> Tree:
        flags = self.any_case, self.dot_is_all
        options = [self.chain()]
        while self.next() == "|":
            self.at += 1
            options.append(self.chain())
        self.any_case, self.dot_is_all = flags
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def chain(self) -> Tree:
        parts: list[Tree] = []
        while (char := self.next()) and char not in "|)":
            if char in "*+?":
                raise _UnknownError
            part = self.atom()
            parts.append(self.repeated(part))
        return Chain(tuple(parts))

    def repeated(self, part: Tree) -> Tree:
        while char := self.next():
            if char in "*+?":
                self.at += 1
                bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
            elif (counted := self.counted()) is not None:
                bounds = counted
            else:
                break
            if self.next() == "?":
                self.at += 1
            part = Repeat(part, *bounds)
        return part

    def counted(self) -> tuple[int, int | None] | None:
        """Read {2}, {2,} or {2,5}; anything else in braces is text to RE2."""
        if self.next() != "{":
            return None
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at + 1 : max(end, self.at + 1)].partition(",")
        if end < 0 or not _is_number(low) or not (high == "" or _is_number(high)):
            return None
        self.at = end + 1
        least = int(low)
        most = least if not comma else int(high) if high else None
        if least > MOST_REPEATS or (most is not None and not least <= most <= MOST_REPEATS):
            raise _UnknownError
        return least, most

    def atom(self) -> Tree:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return OneOf(self.class_(), any_case=self.any_case)
        if char == ".":
            every = ((0, LAST_RUNE),)
            return OneOf(every if self.dot_is_all else _others(_NEWLINE), any_case=False)
        if char in "^$":
            return _EMPTY
        if char == "\\":
            return self.escaped()
        return Text(char, any_case=self.any_case)

    def group(self) -> Tree:
        flags = self.any_case, self.dot_is_all
        if self.next() == "?":
            self.at += 1
            if self.named():
                pass
            elif not self.flags():
                return _EMPTY
        found = self.choice()
        if self.take() != ")":
            raise _UnknownError
        self.any_case, self.dot_is_all = flags
        return found

    def named(self) -> bool:
        for opening in ("P<", "<"):
            if self.pattern.startswith(opening, self.at):
                end = self.pattern.index(">", self.at) if ">" in self.pattern[self.at :] else -1
                name = self.pattern[self.at + len(opening) : max(end, self.at)]
                if end < 0 or not name.isidentifier():
                    raise _UnknownError
                self.at = end + 1
                return True
        return False

    def flags(self) -> bool:
        """Read flags; say whether a group follows that they hold for."""
        value = True
        while (char := self.take()) not in ":)":
            if char == "-" and value:
                value = False
            elif char == "i":
                self.any_case = value
            elif char == "s":
                self.dot_is_all = value
            elif char not in "mU":
                raise _UnknownError
        return char == ":"

    def escaped(self) -> Tree:
        char = self.take()
        if char in _CLASSES:
            return OneOf(_CLASSES[char], any_case=self.any_case)
        if char == "b":
            return WordEdge()
        if char in "BAz":
            return _EMPTY
        if char == "Q":
            end = self.pattern.find(r"\E", self.at)
            end = len(self.pattern) if end < 0 else end
            quoted = self.pattern[self.at : end]
            self.at = min(end + 2, len(self.pattern))
            if len(quoted) != 1 and self.next() in ("*", "+", "?", "{"):
                raise _UnknownError  # it would belong to the last character alone
            return Text(quoted, any_case=self.any_case)
        return Text(self.rune(char), any_case=self.any_case)

    def rune(self, char: str) -> str:
        r"""Return the character that an escape stands for: \n, \x41, \x{4e00}, \."""
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "x":
            if self.next() == "{":
                end = self.pattern.index("}", self.at) if "}" in self.pattern[self.at :] else 0
                digits, self.at = self.pattern[self.at + 1 : end], end + 1
            else:
                digits, self.at = self.pattern[self.at : self.at + 2], self.at + 2
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError) as error:
                raise _UnknownError from error
        if char.isalnum() or ord(char) >= 0x80:
            raise _UnknownError
        return char

    def class_(self) -> tuple[Range, ...]:
        negated = self.next() == "^"
        self.at += negated
        found: list[Range] = []
        first = True
        while first or self.next() != "]":
            first = False
            if self.pattern.startswith("[:", self.at):
                raise _UnknownError
            if self.next() == "\\" and self.pattern[self.at + 1] in _CLASSES:
                found += _CLASSES[self.pattern[self.at + 1]]
                self.at += 2
                continue
            low = self.class_rune()
            high = low
            if self.next() == "-" and self.pattern[self.at + 1] != "]":
                self.at += 1
                high = self.class_rune()
            if high < low:
                raise _UnknownError
            found.append((low, high))
        self.at += 1
        if negated and self.any_case:
            # What folds onto what is left out is left out too; more is allowed than that.
            return ((0, LAST_RUNE),)
        return _others(tuple(found)) if negated else _others(_others(tuple(found)))

    def class_rune(self) -> int:
        char = self.take()
        return ord(self.rune(self.take()) if char == "\\" else char)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
