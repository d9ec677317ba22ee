"""Matching: which signatures of which entries are met by which lines of a text, in linear time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from firstmile.errors import UserError
from firstmile.knowledge.entries import Entry, Signature

LONGEST_LINE: Final = 8_000
"""Characters of a line that are looked at: an error says what it is within the first of them."""
_PROGRAM_BYTES: Final = 256 * 1024
"""What RE2 may use for one pattern; a longer program is a pattern that explodes."""
_SET_BYTES: Final = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One signature of one entry, met by lines (indices into what was given), first one first."""

    entry: Entry
    signature: Signature
    lines: tuple[int, ...]


class Signatures:
    """The signatures of some entries, compiled together.

    All patterns are compiled into one automaton (RE2), which takes time linear in the text
    whatever the patterns are. Raises UserError for a pattern that is no RE2 pattern, that is
    met by an empty line, or that is too large.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Compile every pattern once, however many signatures hold it."""
        self.entries = tuple(entries)
        self._place: dict[str, int] = {}
        for entry in self.entries:
            for signature in entry.signatures:
                for pattern in (signature.pattern, *signature.also, *signature.unless):
                    if pattern not in self._place:
                        _require_sound(entry.id, pattern)
                        self._place[pattern] = len(self._place)
        self._set = _compiled(self._place)

    def hits(self, lines: Sequence[str]) -> tuple[Hit, ...]:
        """Return every signature that counts, entries in their order."""
        met = self._met(lines)
        found = []
        for entry in self.entries:
            for signature in entry.signatures:
                where = met.get(self._place[signature.pattern])
                if where is None:
                    continue
                if any(self._place[each] not in met for each in signature.also):
                    continue
                if any(self._place[each] in met for each in signature.unless):
                    continue
                found.append(Hit(entry=entry, signature=signature, lines=tuple(where)))
        return tuple(found)

    def _met(self, lines: Iterable[str]) -> Mapping[int, list[int]]:
        """Return for each pattern's place the lines that meet it."""
        met: dict[int, list[int]] = {}
        if self._set is None:
            return met
        for number, line in enumerate(lines):
            for place in self._set.Match(line[:LONGEST_LINE]) or ():
                met.setdefault(place, []).append(number)
        return met


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PROGRAM_BYTES
    return options


def _require_sound(name: str, pattern: str) -> None:
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise UserError(
            f"A signature of the entry {name} is no RE2 pattern ({reason}): {pattern}"
        ) from error
    if compiled.search("") is not None:
        raise UserError(f"A signature of the entry {name} is met by an empty line: {pattern}")


def _compiled(patterns: Iterable[str]) -> re2.Set | None:
    options = _options()
    options.max_mem = _SET_BYTES
    whole = re2.Set.SearchSet(options)
    empty = True
    for pattern in patterns:
        whole.Add(pattern)
        empty = False
    if empty:
        return None
    whole.Compile()
    return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One entry with all that speaks for it; `lines` are indices, in order, each once."""

    entry: Entry
    hits: tuple[Hit, ...]

    @property
    def decides(self) -> bool:
        """Whether a signature was met that is more than a hint."""
        return any(not hit.signature.hint for hit in self.hits)

    @property
    def is_consequence(self) -> bool:
        """Whether what speaks for it is nothing but what tends to follow another failure."""
        return all(hit.signature.consequence for hit in self.telling)

    @property
    def telling(self) -> tuple[Hit, ...]:
        """The hits that count most: what decides, else what follows, else the hints."""
        following = tuple(hit for hit in self.hits if not hit.signature.hint)
        deciding = tuple(hit for hit in following if not hit.signature.consequence)
        return deciding or following or self.hits

    @property
    def particularity(self) -> int:
        """How many different lines its most demanding telling signature asks for."""
        return max(1 + len(hit.signature.also) for hit in self.telling)

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines that met a signature."""
        return tuple(sorted({line for hit in self.hits for line in hit.lines}))


def ranked(hits: Iterable[Hit]) -> tuple[Match, ...]:
    """Return the entries that were met, the likeliest first.

    What decides stands before what follows another failure, and that before mere hints. Among
    equals the one that asks for more is the more particular one; then the failure that is seen
    first in the text is the cause of the later ones.
    """
    by_entry: dict[str, list[Hit]] = {}
    for hit in hits:
        by_entry.setdefault(hit.entry.id, []).append(hit)
    found = [Match(entry=own[0].entry, hits=tuple(own)) for own in by_entry.values()]
    return tuple(sorted(found, key=_order))


def _order(match: Match) -> tuple[int, int, int, int, str]:
    tier = 0 if match.decides and not match.is_consequence else 1 if match.decides else 2
    first = min(hit.lines[0] for hit in match.telling)
    return tier, -match.particularity, first, -len(match.telling), match.entry.id
