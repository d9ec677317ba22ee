"""Matching: which signatures of which entries are met by which lines of a text, in linear time."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Final

import ahocorasick_rs
import re2

from firstmile.errors import UserError
from firstmile.knowledge.entries import Entry, Signature
from firstmile.knowledge.folding import folded
from firstmile.knowledge.index import further_demands, sound_patterns

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
        self.all: tuple[tuple[Entry, Signature], ...] = tuple(
            (entry, signature) for entry in self.entries for signature in entry.signatures
        )
        """Every signature with its entry."""
        place: dict[str, int] = {}
        literals: list[Sequence[str] | None] = []
        sound = sound_patterns()
        for entry, signature in self.all:
            for pattern in signature.patterns:
                if pattern in place:
                    continue
                place[pattern] = len(place)
                literals.append(sound[pattern] if pattern in sound else _checked(entry.id, pattern))
        self.patterns: tuple[str, ...] = tuple(place)
        """Every pattern once; its place here is what it goes by elsewhere."""
        self.literals: tuple[Sequence[str] | None, ...] = tuple(literals)
        """For each pattern folded texts, one of which stands in every line that meets it."""
        further = further_demands()
        self.demands: Mapping[int, Sequence[Sequence[str]]] = {
            number: further[pattern] for pattern, number in place.items() if pattern in further
        }
        """Of packaged patterns, what a folded line that meets one holds besides: one of each."""
        self.finder = _Finder(self.literals)
        """Finds the lines that may meet a pattern."""
        self.place_of: Mapping[str, int] = place
        """The places of patterns."""
        self.begun_by: dict[int, list[int]] = {}
        for number, (_, signature) in enumerate(self.all):
            self.begun_by.setdefault(place[signature.pattern], []).append(number)
        """For each place of a pattern the signatures, by their places in `all`, that it begins."""
        self.beginning = frozenset(self.begun_by)
        """The places of patterns that a signature begins with; the others only join."""
        self._compiled: dict[int, Any] = {}

    def hits(self, lines: Sequence[str]) -> tuple[Hit, ...]:
        """Return every signature that counts, entries in their order."""
        return self.look_at(lines).hits()

    def look_at(self, lines: Sequence[str]) -> "Looked":
        """Look for the literals of all patterns in lines, once for many questions."""
        return Looked(self, lines)

    def meets(self, place: int, line: bytes) -> bool:
        """Say whether a line, as UTF-8, meets the pattern of a place."""
        return self._pattern(place).search(line) is not None

    def _pattern(self, place: int) -> Any:
        compiled = self._compiled.get(place)
        if compiled is None:
            options = _options()
            options.max_mem = _MATCHING_BYTES
            options.never_capture = True
            compiled = re2.compile(self.patterns[place], options)
            self._compiled[place] = compiled
        return compiled


class Looked:
    """The lines of one text, and which patterns they meet as far as somebody asked."""

    def __init__(self, signatures: Signatures, lines: Sequence[str]) -> None:
        """Find the lines that may meet a pattern; `Signatures.look_at` does that."""
        self._signatures = signatures
        self._lines = lines
        self._found = signatures.finder.find(lines)
        self._encoded: dict[int, bytes] = {}
        self._folded: dict[int, str] = {}
        self._met: dict[int, tuple[int, ...]] = {}
        self._of_all: tuple[Hit, ...] | None = None
        self._telling: frozenset[int] = frozenset()

    def hits(self, without: Collection[int] = ()) -> tuple[Hit, ...]:
        """Return every signature that counts, entries in their order.

        That is as if the lines `without` (indices) were not there; the others keep theirs.
        """
        if self._of_all is None:
            self._of_all = self._hits(frozenset())
            self._telling = frozenset(chain.from_iterable(self._met.values()))
        # Where none of them meets a pattern that was asked for, they change nothing.
        if self._telling.isdisjoint(without):
            return self._of_all
        return self._hits(frozenset(without))

    def _hits(self, gone: frozenset[int]) -> tuple[Hit, ...]:
        signatures = self._signatures
        begun = {
            number: left
            for place, where in self._begun.items()
            if (left := _left(where, gone))
            for number in signatures.begun_by[place]
        }

        def meets(pattern: str) -> bool:
            return bool(_left(self._meeting(signatures.place_of[pattern]), gone))

        return tuple(
            Hit(entry=entry, signature=signature, lines=begun[number])
            for number in sorted(begun)
            for entry, signature in (signatures.all[number],)
            if all(map(meets, signature.also)) and not any(map(meets, signature.unless))
        )

    @cached_property
    def _begun(self) -> dict[int, tuple[int, ...]]:
        """The patterns that a signature begins with and that are met, with the lines."""
        places = self._found.places & self._signatures.beginning
        return {place: where for place in places if (where := self._meeting(place))}

    def _meeting(self, place: int) -> tuple[int, ...]:
        """Return the lines that meet a pattern, in order."""
        met = self._met.get(place)
        if met is None:
            lines = self._found.lines_of(place)
            demands = self._signatures.demands.get(place)
            if demands is not None:
                lines = [number for number in lines if self._holds(number, demands)]
            meets = self._signatures.meets
            met = tuple(number for number in lines if meets(place, self._as_bytes(number)))
            self._met[place] = met
        return met

    def _holds(self, number: int, demands: Sequence[Sequence[str]]) -> bool:
        line = self._folded.get(number)
        if line is None:
            folded_line = _folded_line(self._lines[number]).encode("utf-8", "replace")
            line = self._folded[number] = folded_line.decode("utf-8")
        for texts in demands:
            for text in texts:
                if text in line:
                    break
            else:
                return False
        return True

    def _as_bytes(self, number: int) -> bytes:
        line = self._encoded.get(number)
        if line is None:
            line = self._encoded[number] = encoded(self._lines[number])
        return line


def _left(lines: tuple[int, ...], gone: frozenset[int]) -> tuple[int, ...]:
    return tuple(line for line in lines if line not in gone) if gone else lines


def encoded(line: str) -> bytes:
    """Return what is looked at of a line, as RE2 takes it."""
    return line[:LONGEST_LINE].encode("utf-8", "replace")


class _Finder:
    """Finds the lines that may meet a pattern: those that hold one of its literals."""

    def __init__(self, literals: Iterable[Sequence[str] | None]) -> None:
        owners: dict[str, list[int]] = {}
        everywhere = []
        for place, texts in enumerate(literals):
            if texts is None:
                everywhere.append(place)
            for text in texts or ():
                owners.setdefault(text, []).append(place)
        self.everywhere = frozenset(everywhere)
        """The places of patterns that any line may meet."""
        self.owners = tuple(map(tuple, owners.values()))
        """For each literal the places of patterns that have it."""
        self._automaton = ahocorasick_rs.BytesAhoCorasick(
            [text.encode("utf-8", "replace") for text in owners]
        )

    def find(self, lines: Sequence[str]) -> "_Found":
        """Find the literals of all patterns in lines."""
        found: dict[int, set[int]] = {}
        for first in range(0, len(lines), _LINES_AT_ONCE):
            cut = [line[:LONGEST_LINE] for line in lines[first : first + _LINES_AT_ONCE]]
            # All at once, since each character folds by itself.
            text = folded("\n".join(cut)).encode("utf-8", "replace")
            parts = text.split(b"\n")
            if len(parts) > len(cut):  # a line holds a line end
                parts = [folded(line).encode("utf-8", "replace") for line in cut]
            ends = list(accumulate(len(line) + 1 for line in parts))
            for literal, start, _ in self._automaton.find_matches_as_indexes(
                text, overlapping=True
            ):
                line = first + bisect_right(ends, start)
                where = found.get(literal)
                if where is None:
                    found[literal] = {line}
                else:
                    where.add(line)
        return _Found(self, len(lines), found)


class _Found:
    """Which literals stand in which lines of a text."""

    def __init__(self, finder: _Finder, line_count: int, found: Mapping[int, set[int]]) -> None:
        self._all = range(line_count)
        self._everywhere = finder.everywhere
        self._by_place: dict[int, list[set[int]]] = {}
        for literal, lines in found.items():
            for place in finder.owners[literal]:
                self._by_place.setdefault(place, []).append(lines)
        self.places = self._by_place.keys() | (finder.everywhere if line_count else ())
        """The places of patterns that some line may meet."""

    def lines_of(self, place: int) -> Iterable[int]:
        """Return the lines that may meet a pattern, in order."""
        if place in self._everywhere:
            return self._all
        return sorted(set().union(*self._by_place.get(place, ())))


def _folded_line(line: str) -> str:
    return folded(line[:LONGEST_LINE])


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
    """One entry with all that speaks for it; `lines` are indices, in order, each once.

    What `follows` is a consequence of a failure that the text shows itself: it decides nothing.
    """

    entry: Entry
    hits: tuple[Hit, ...]
    follows: bool = False

    @property
    def decides(self) -> bool:
        """Whether a signature was met that is more than a hint."""
        return not self.follows and any(not hit.signature.hint for hit in self.hits)

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
