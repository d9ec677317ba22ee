"""Scanning: which patterns the raw bytes of a log may meet, at the speed of the disk.

A scanner answers for a block of lines which patterns have a literal in it; what follows from
that is `digest`'s. Hyperscan is the quickest, the automaton of Aho and Corasick runs everywhere,
and both find the same. Where a pattern ignores case, `ſ` and the Kelvin sign, which RE2 takes for
letters of ASCII, are not taken for them here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from firstmile.diagnose.compiled_cache import CompiledCache

_MOST_FORMS: Final = 16
_MOST_OFTEN: Final = 400
"""How often a literal may stand in a block before it is taken for present everywhere."""


class Scanner(Protocol):
    """Tells which patterns may be met in a block of whole lines."""

    def candidates(self, block: memoryview, wanted: Collection[int]) -> dict[int, int]:
        """Return the wanted patterns that have a literal in a block, and where its first begins.

        That is 0 for patterns whose literals are not looked for.
        """


def scanner_for(
    literals: Sequence[Sequence[str] | None], cache: CompiledCache | None = None
) -> Scanner:
    """Return the quickest scanner there is here for patterns with these literals."""
    try:
        return HyperscanScanner(literals, cache)
    except ImportError:
        return AutomatonScanner(literals)


class _Literals:
    """The literals of all patterns as bytes, each once, and whose they are."""

    def __init__(self, literals: Sequence[Sequence[str] | None]) -> None:
        owners: dict[bytes, set[int]] = {}
        everywhere: set[int] = set()
        for place, texts in enumerate(literals):
            forms = [_forms(text) for text in texts or ()]
            if not forms or not all(forms):
                everywhere.add(place)
                continue
            for each in set().union(*forms):
                owners.setdefault(each, set()).add(place)
        self.texts = sorted(owners)
        self.owners = tuple(frozenset(owners[text]) for text in self.texts)
        self.everywhere = frozenset(everywhere)

    def patterns_of(self, found: Mapping[int, int], wanted: Collection[int]) -> dict[int, int]:
        """Return the wanted patterns whose literals were found, with the first place of these."""
        patterns = dict.fromkeys(self.everywhere.intersection(wanted), 0)
        for literal, start in found.items():
            for place in self.owners[literal]:
                if place in wanted:
                    patterns[place] = min(start, patterns.get(place, start))
        return patterns


def _forms(text: str) -> set[bytes]:
    """Return a literal in upper and lower case where that is not ASCII's; empty if too many."""
    found = {""}
    for char in text:
        forms = {char} if char.isascii() else {char, char.lower(), char.upper()}
        found = {
            before + form.lower() if form.isascii() else before + form
            for before in found
            for form in forms
        }
        if len(found) > _MOST_FORMS:
            return set()
    return {form.encode("utf-8", "replace") for form in found}


class HyperscanScanner:
    """Scans by Hyperscan, which the extra `fast` installs. Raises ImportError without it."""

    def __init__(
        self, literals: Sequence[Sequence[str] | None], cache: CompiledCache | None = None
    ) -> None:
        """Take the compiled literals from a cache, or compile them and put them there."""
        import hyperscan

        self._known = _Literals(literals)
        self._database = self._from_cache(hyperscan, cache) if self._known.texts else None

    def _from_cache(self, hyperscan: Any, cache: CompiledCache | None) -> Any:
        name = (b"hyperscan", hyperscan.__version__.encode(), *self._known.texts)
        compiled = cache.read(name) if cache is not None else None
        if compiled is not None:
            try:
                database = hyperscan.loadb(compiled, hyperscan.HS_MODE_BLOCK)
                database.scratch = hyperscan.Scratch(database)
                return database
            except hyperscan.error:
                pass  # of another processor, say: it is compiled and written anew
        database = self._compile(hyperscan)
        if cache is not None:
            cache.write(name, hyperscan.dumpb(database))
        return database

    def _compile(self, hyperscan: Any) -> Any:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        expressions = [
            "".join(f"\\x{byte:02x}" for byte in text).encode() for text in self._known.texts
        ]
        database.compile(
            expressions=expressions,
            ids=list(range(len(expressions))),
            elements=len(expressions),
            flags=hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH,
        )
        return database

    def candidates(self, block: memoryview, wanted: Collection[int]) -> dict[int, int]:
        """Return the wanted patterns that have a literal in a block, and where the first begins."""
        found: dict[int, int] = {}
        if self._database is not None:

            def see(literal: int, _: int, end: int, *__: object) -> None:
                found[literal] = end - len(self._known.texts[literal])

            self._database.scan(block, match_event_handler=see)
        return self._known.patterns_of(found, wanted)


class AutomatonScanner:
    """Scans by the automaton of Aho and Corasick.

    It reports every occurrence, so literals that nobody wants any more, and those that stand in
    every second line, are taken out of it from time to time; the latter's patterns count as
    present everywhere from then on.
    """

    def __init__(self, literals: Sequence[Sequence[str] | None]) -> None:
        """Build the automaton of all literals."""
        self._known = _Literals(literals)
        self._often: set[int] = set()
        self._build(range(len(self._known.texts)))

    def _build(self, literals: Iterable[int]) -> None:
        import ahocorasick_rs

        self._kept = list(literals)
        self._automaton = ahocorasick_rs.BytesAhoCorasick(
            [self._known.texts[literal] for literal in self._kept],
            implementation=ahocorasick_rs.Implementation.DFA,
        )

    def candidates(self, block: memoryview, wanted: Collection[int]) -> dict[int, int]:
        """Return the wanted patterns that have a literal in a block, and where the first begins."""
        times: dict[int, int] = {}
        found: dict[int, int] = dict.fromkeys(self._often, 0)
        for kept, start, _ in self._automaton.find_matches_as_indexes(
            bytes(block).lower(), overlapping=True
        ):
            times[kept] = times.get(kept, 0) + 1
            found.setdefault(self._kept[kept], start)
        self._thin_out(times, frozenset(wanted))
        return self._known.patterns_of(found, wanted)

    def _thin_out(self, times: Mapping[int, int], wanted: frozenset[int]) -> None:
        if sum(times.values()) <= _MOST_OFTEN:
            return
        often = {self._kept[kept] for kept, count in times.items() if count > _MOST_OFTEN}
        unwanted = {
            self._kept[kept] for kept in times if not self._known.owners[self._kept[kept]] & wanted
        }
        if often or unwanted:
            self._often |= often - unwanted
            gone = often | unwanted
            self._build([literal for literal in self._kept if literal not in gone])
