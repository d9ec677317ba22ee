"""Matching: which signatures of which entries are met by which lines of a text, in linear time."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import ahocorasick_rs
import re2

from firstmile.errors import UserError
from firstmile.knowledge.entries import Entry, Signature
from firstmile.knowledge.folding import folded
from firstmile.knowledge.index import sound_patterns

LONGEST_LINE: Final = 8_000
"""Characters of a line that are looked at: an error says what it is within the first of them."""
_PROGRAM_BYTES: Final = 256 * 1024
"""What RE2 may use for one pattern; a longer program is a pattern that explodes."""
_MATCHING_BYTES: Final = 4 * 1024 * 1024
"""What RE2 may keep of one pattern's automaton; with less it forgets, and a line takes 50 times
as long with the patterns that hold `.{0,100}`."""
_LINES_AT_ONCE: Final = 4_096
"""So that a long text is never copied as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One signature of one entry, met by lines (indices into what was given), first one first."""

    entry: Entry
    signature: Signature
    lines: tuple[int, ...]


class Signatures:
    """The signatures of some entries, ready to be found in lines.

    One automaton finds the literals of all patterns (Aho and Corasick, 1975), and a pattern is
    tried (RE2) on the lines that hold one of its literals. Both take time linear in the text,
    whatever the patterns are. Raises UserError for a pattern that is no RE2 pattern, that is met
    by an empty line, or that is too large.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Check every pattern that is no packaged one, and learn the literals of all."""
        self.entries = tuple(entries)
        self._signatures = tuple(
            (entry, signature) for entry in self.entries for signature in entry.signatures
        )
        place: dict[str, int] = {}
        literals: list[Sequence[str] | None] = []
        sound = sound_patterns()
        for entry, signature in self._signatures:
            for pattern in signature.patterns:
                if pattern in place:
                    continue
                place[pattern] = len(place)
                literals.append(sound[pattern] if pattern in sound else _checked(entry.id, pattern))
        self.patterns: tuple[str, ...] = tuple(place)
        """Every pattern once; its place here is what it goes by elsewhere."""
        self.literals: tuple[Sequence[str] | None, ...] = tuple(literals)
        """For each pattern folded texts, one of which stands in every line that meets it."""
        self._finder = _Finder(self.literals)
        self._place = place
        self._begun_by: dict[int, list[int]] = {}
        for number, (_, signature) in enumerate(self._signatures):
            self._begun_by.setdefault(place[signature.pattern], []).append(number)
        self.beginning = frozenset(self._begun_by)
        """The places of patterns that a signature begins with; the others only join."""
        self._compiled: dict[int, Any] = {}

    def hits(self, lines: Sequence[str]) -> tuple[Hit, ...]:
        """Return every signature that counts, entries in their order."""
        text = _Text(self, lines, self._finder.candidates(lines))
        begun = {
            number: where
            for place in text.candidates.keys() & self._begun_by.keys()
            if (where := text.lines_that_meet(place))
            for number in self._begun_by[place]
        }
        return tuple(
            Hit(entry=entry, signature=signature, lines=begun[number])
            for number in sorted(begun)
            for entry, signature in (self._signatures[number],)
            if all(text.meets(self._place[each]) for each in signature.also)
            and not any(text.meets(self._place[each]) for each in signature.unless)
        )

    def meets(self, place: int, line: bytes) -> bool:
        """Say whether a line, as UTF-8, meets the pattern of a place."""
        compiled = self._compiled.get(place)
        if compiled is None:
            options = _options()
            options.max_mem = _MATCHING_BYTES
            options.never_capture = True
            compiled = re2.compile(self.patterns[place], options)
            self._compiled[place] = compiled
        return compiled.search(line) is not None


class _Text:
    """The lines of one text, and which patterns they meet as far as somebody asked."""

    def __init__(
        self,
        signatures: Signatures,
        lines: Sequence[str],
        candidates: Mapping[int, Collection[int]],
    ) -> None:
        self.candidates = candidates
        self._signatures = signatures
        self._lines = lines
        self._encoded: dict[int, bytes] = {}
        self._met: dict[int, bool] = {}

    def lines_that_meet(self, place: int) -> tuple[int, ...]:
        return tuple(self._meeting(place))

    def meets(self, place: int) -> bool:
        if place not in self._met:
            self._met[place] = any(True for _ in self._meeting(place))
        return self._met[place]

    def _meeting(self, place: int) -> Iterator[int]:
        for number in sorted(self.candidates.get(place, ())):
            line = self._encoded.get(number)
            if line is None:
                line = self._encoded[number] = encoded(self._lines[number])
            if self._signatures.meets(place, line):
                yield number


def encoded(line: str) -> bytes:
    """Return what is looked at of a line, as RE2 takes it."""
    return line[:LONGEST_LINE].encode("utf-8", "replace")


class _Finder:
    """Finds the lines that may meet a pattern: those that hold one of its literals."""

    def __init__(self, literals: Iterable[Sequence[str] | None]) -> None:
        owners: dict[str, list[int]] = {}
        self._everywhere: list[int] = []
        for place, texts in enumerate(literals):
            if texts is None:
                self._everywhere.append(place)
            for text in texts or ():
                owners.setdefault(text, []).append(place)
        self._owners = tuple(owners.values())
        self._automaton = ahocorasick_rs.BytesAhoCorasick(
            [text.encode("utf-8", "replace") for text in owners]
        )

    def candidates(self, lines: Sequence[str]) -> dict[int, Collection[int]]:
        """Return for each pattern's place the numbers of the lines that may meet it."""
        found: dict[int, Collection[int]] = {
            place: range(len(lines)) for place in self._everywhere if lines
        }
        sets: dict[int, set[int]] = {}
        for first in range(0, len(lines), _LINES_AT_ONCE):
            part = [_folded_line(line) for line in lines[first : first + _LINES_AT_ONCE]]
            starts = list(accumulate((len(line) + 1 for line in part), initial=0))
            for literal, start, _ in self._automaton.find_matches_as_indexes(
                b"\n".join(part), overlapping=True
            ):
                number = first + bisect_right(starts, start) - 1
                for place in self._owners[literal]:
                    sets.setdefault(place, set()).add(number)
        found.update(sets)
        return found


def _folded_line(line: str) -> bytes:
    return folded(line[:LONGEST_LINE]).encode("utf-8", "replace")


def _checked(name: str, pattern: str) -> Sequence[str] | None:
    """Return the literals of a pattern that was not checked before."""
    from firstmile.knowledge.literals import literals_of  # its reader is not needed elsewhere

    require_sound(name, pattern)
    return literals_of(pattern)


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PROGRAM_BYTES
    return options


def require_sound(name: str, pattern: str) -> None:
    """Raise UserError where a pattern of an entry is none, is too large or is always met."""
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise UserError(
            f"A signature of the entry {name} is no RE2 pattern ({reason}): {pattern}"
        ) from error
    if compiled.search("") is not None:
        raise UserError(f"A signature of the entry {name} is met by an empty line: {pattern}")


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
