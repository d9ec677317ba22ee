"""What a rule of redaction is: a pattern, what to put in its place, and its own samples."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

Keeps = str
"""A text that a rule must leave alone."""

Replacing = Callable[[re.Match[str]], str]
"""Gives the text that takes a match's place; the match itself where it is none after all."""

LEFT: Final = r"(?<![A-Za-z0-9])"
RIGHT: Final = r"(?![A-Za-z0-9])"
TAIL: Final = r"(?:(?:[(\[{]|[)\]}](?=[A-Za-z0-9]))[^\s\"'`<>\\,;|&]*+)?+"
"""What goes on with a bracket where a bare value seems to end: `p@ss(word1`."""

COMMA: Final = r",(?=[A-Za-z0-9_+/-])(?![A-Za-z_][A-Za-z0-9_.-]{0,60}[=:])"
"""A comma within a value, not one before the next name and its value."""


class Late:
    """A pattern that is compiled when it is first used: most texts need few of them."""

    __slots__ = ("_compiled", "_flags", "_pattern")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Keep the pattern as text."""
        self._pattern, self._flags = pattern, flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        if self._compiled is None:
            self._compiled = re.compile(self._pattern, self._flags)
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        """Search a text."""
        return self.compiled.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Match a text from its beginning."""
        return self.compiled.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match a whole text."""
        return self.compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield all matches in a text."""
        return self.compiled.finditer(text)

    def findall(self, text: str) -> list[str]:
        """Return all matches in a text."""
        found: list[str] = self.compiled.findall(text)
        return found

    def sub(self, put: str, text: str) -> str:
        """Put something in the place of each match."""
        return self.compiled.sub(put, text)

    def split(self, text: str) -> list[str]:
        """Part a text at the matches."""
        return list(self.compiled.split(text))


class Turns(NamedTuple):
    """A text that a rule must change, and exactly into what."""

    before: str
    after: str


class Rule(NamedTuple):
    """One kind of thing that must not stay in a text.

    `anchors` are what every match holds: texts (in lower case they are found in any case), or a
    pattern. They are looked for first, since that is thirty times faster than the pattern
    everywhere. With `before` 0 a match begins at its anchor; otherwise it lies within `before`
    and `after` characters of it, and every quantifier of the pattern is bounded accordingly.
    Either way the pattern must take linear time: a quantifier is bounded or possessive, and an
    unbounded one cannot start in the middle of its own run.
    """

    id: str
    kind: str
    about: str
    anchors: tuple[str, ...] | re.Pattern[str]
    pattern: Late
    replace: Replacing
    turns: tuple[Turns, ...]
    keeps: tuple[Keeps, ...]
    before: int = 0
    after: int = 0


def whole(placeholder: str) -> Replacing:
    """Return a replacement of the whole match."""
    return lambda _match: placeholder


def group(placeholder: str, name: str = "value") -> Replacing:
    """Return a replacement of one named group; what stands around it stays."""

    def replace(match: re.Match[str]) -> str:
        start, end = match.span(name)
        text, offset = match.group(), match.start()
        return f"{text[: start - offset]}{placeholder}{text[end - offset :]}"

    return replace


def group_where(placeholder: str, is_one: Callable[[str], bool], name: str = "value") -> Replacing:
    """Return a replacement of one named group, where its text is what the rule looks for."""
    put = group(placeholder, name)
    return lambda match: put(match) if is_one(match.group(name)) else match.group()


def words(*lines: str) -> frozenset[str]:
    """Return the words of some lines as a set."""
    return frozenset(word for line in lines for word in line.split())
