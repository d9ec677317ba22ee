"""Tallying: a text as the classifier sees it, and again without some of its lines.

What a few lines add to the sums is taken away from them, so that it need not all be counted anew.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import mul
from typing import Final, NamedTuple, Protocol

from firstmile.diagnose.classifier import Classifier, Vector
from firstmile.diagnose.clues import find_clues
from firstmile.diagnose.wording import LONGEST_TEXT, count_words, pairs_of, tokens_of

Chances = Mapping[str, Sequence[float]]
"""For each part of the classifier the probability of each of its codes."""

_NOTHING: Final = 1e-12


class Tallied(Protocol):
    """One text, whose words and clues are counted."""

    clues: frozenset[str]
    """The names of the clues that the text has."""

    @property
    def is_empty(self) -> bool:
        """Whether the text has nothing that the classifier knows."""

    @property
    def chances(self) -> Chances:
        """What the classifier says of the text."""

    def without(self, places: Collection[int]) -> tuple[Chances, bool]:
        """Return what is said of the text without some lines, and whether nothing is left of it.

        `places` count lines from 0.
        """

    def strengths(self, part: str, code: str, bodies: Mapping[int, str]) -> Sequence[float]:
        """Return how much each of some lines draws the text to a code rather than the others.

        `bodies` are lines by their places, without what loggers put before them: the same ones
        whenever it is asked.
        """

    def nearest(self, *, most: int, without: Collection[str] = ()) -> list[tuple[str, float]]:
        """Return the likest cases with their cosine, 0 to 1, the likest first."""


class _Worded(NamedTuple):
    """The words of one line: as they are, and the features that they and their pairs are."""

    tokens: list[str]
    words: list[int]
    pairs: list[int]


class Tally:
    """The lines of one text, counted once."""

    def __init__(self, lines: Sequence[str], classifier: Classifier) -> None:
        """Count the words of lines, none of which holds a line end."""
        self._lines = lines
        self._classifier = classifier
        self._features = classifier.features
        self._worded: dict[int, _Worded] = {}
        self._clues: dict[int, frozenset[str]] = {}
        self._of_bodies: list[list[int]] | None = None
        self._by_clues: dict[frozenset[str], Sequence[float]] = {}
        self._is_long = sum(map(len, lines)) + len(lines) - 1 > LONGEST_TEXT
        self._counts = self._count_beginning_and_end() if self._is_long else self._count()
        self.clues = self._clues_of(range(len(lines)))
        """The names of the clues that the text has."""

    def _count_beginning_and_end(self) -> Mapping[int, int]:
        place_of = self._features.words.get
        counts = count_words("\n".join(self._lines))
        return {place: n for word, n in counts.items() if (place := place_of(word)) is not None}

    def _count(self) -> Mapping[int, int]:
        worded = [self._worded_line(place) for place in range(len(self._lines))]
        counts = Counter(chain.from_iterable(line.words for line in worded))
        pairs: list[int] = []
        last: list[str] = []
        for line in worded:
            if line.tokens:
                pairs += self._known(pairs_of([*last, line.tokens[0]]))
                pairs += line.pairs
                last = line.tokens[-1:]
        counts.update(pairs)
        return counts

    def _known(self, words: Sequence[str]) -> list[int]:
        places = map(self._features.words.get, words)
        return [place for place in places if place is not None]

    def _worded_line(self, place: int) -> _Worded:
        worded = self._worded.get(place)
        if worded is None:
            tokens = tokens_of(self._lines[place])
            worded = _Worded(tokens, self._known(tokens), self._known(pairs_of(tokens)))
            self._worded[place] = worded
        return worded

    def _clues_of(self, places: Collection[int]) -> frozenset[str]:
        """Return the clues of some lines; none goes over the end of a line."""
        found: set[str] = set()
        for place in places:
            clues = self._clues.get(place)
            if clues is None:
                clues = self._clues[place] = find_clues(self._lines[place])
            found |= clues
        return frozenset(found)

    def strengths(self, part: str, code: str, bodies: Mapping[int, str]) -> Sequence[float]:
        """Return how much each of some lines draws the text to a code rather than the others.

        `bodies` are lines by their places, without what loggers put before them: the same ones
        whenever it is asked.
        """
        pull = self._classifier.pull(self.vector, part, code, self.chances[part])
        if self._of_bodies is None:
            at = {feature: place for place, feature in enumerate(self.vector.indices)}
            self._of_bodies = [
                [at[one] for one in self._features_of(place, body) if one in at]
                for place, body in bodies.items()
            ]
        return [sum(map(pull.__getitem__, own)) for own in self._of_bodies]

    def _features_of(self, place: int, body: str) -> Collection[int]:
        """Return the indices of the features that a line has of itself, each once."""
        if body != self._lines[place]:
            return self._features.places(body)
        worded = self._worded_line(place)
        clues = self._features.clues
        marks = [clues[clue] for clue in self._clues_of((place,)) if clue in clues]
        return [*dict.fromkeys(worded.words), *dict.fromkeys(worded.pairs), *marks]

    def nearest(self, *, most: int, without: Collection[str] = ()) -> list[tuple[str, float]]:
        """Return the likest cases with their cosine, 0 to 1, the likest first."""
        return self._classifier.cases.nearest(self.vector, most=most, without=without)

    @cached_property
    def vector(self) -> Vector:
        """The text as a vector."""
        return self._features.scaled(self._values, self.clues)

    @property
    def is_empty(self) -> bool:
        """Whether the text has nothing that the classifier knows."""
        return not self._counts and not self._has_known(self.clues)

    def _has_known(self, clues: Collection[str]) -> bool:
        return any(clue in self._features.clues for clue in clues)

    @cached_property
    def chances(self) -> Chances:
        """What the classifier says of the text."""
        return self._chances(*self._words, self.clues)

    @cached_property
    def _values(self) -> dict[int, float]:
        return self._features.values(self._counts)

    @cached_property
    def _words(self) -> tuple[list[float], float]:
        """What the words draw to each code, not scaled, and the square of their length."""
        values = tuple(self._values.values())
        drawn = self._classifier.drawn(tuple(self._values), values)
        return drawn, sum(map(mul, values, values))

    def _chances(self, drawn: Sequence[float], square: float, clues: Collection[str]) -> Chances:
        scale = 1 / math.sqrt(square) if square > _NOTHING else 0.0
        others = self._drawn_by(frozenset(clues))
        return self._classifier.chances(
            [scale * word + other for word, other in zip(drawn, others, strict=True)]
        )

    def _drawn_by(self, clues: frozenset[str]) -> Sequence[float]:
        drawn = self._by_clues.get(clues)
        if drawn is None:
            marks = self._features.vector_of({}, clues)
            drawn = self._by_clues[clues] = self._classifier.drawn(marks.indices, marks.values)
        return drawn

    def without(self, places: Collection[int]) -> "tuple[Chances, bool]":
        """Return what is said of the text without some lines, and whether nothing is left of it.

        `places` count lines from 0.
        """
        left = [place for place in range(len(self._lines)) if place not in places]
        if self._is_long:
            rest = Tally([self._lines[place] for place in left], self._classifier)
            return rest.chances, rest.is_empty
        drawn, square = self._words
        taken, counts = self._taken(places), self._counts
        left_of = {place: counts.get(place, 0) - fewer for place, fewer in taken.items()}
        values = self._features.values({place: n for place, n in left_of.items() if n > 0})
        steps: dict[int, float] = {}
        remaining = len(counts) + len(values)
        for place in left_of:
            old, new = self._values.get(place, 0.0), values.get(place, 0.0)
            remaining -= old > 0
            square += new * new - old * old
            steps[place] = new - old
        moved = self._classifier.drawn(tuple(steps), tuple(steps.values()))
        clues = self._clues_of(left)
        drawn = [one + step for one, step in zip(drawn, moved, strict=True)]
        if not remaining:  # rounding may leave something of the sum
            square = 0.0
        return self._chances(drawn, square, clues), not remaining and not self._has_known(clues)

    def _taken(self, places: Collection[int]) -> Counter[int]:
        """Return how many fewer there are of each feature, fewer than none where one is new."""
        taken: Counter[int] = Counter()
        for before, run, after in self._runs(places):
            met = before
            for line in run:
                taken.update(line.words)
                taken.update(line.pairs)
                taken.update(self._known(pairs_of([*met, line.tokens[0]])))
                met = line.tokens[-1:]
            taken.update(self._known(pairs_of([*met, *after])))
            taken.subtract(self._known(pairs_of([*before, *after])))
        return taken

    def _runs(
        self, places: Collection[int]
    ) -> Iterator[tuple[list[str], list[_Worded], list[str]]]:
        """Yield lines taken away that follow each other, with the words that stay beside them.

        Lines without words count for nothing.
        """
        read_to = 0
        for place in sorted(places):
            if place < read_to:
                continue
            run: list[_Worded] = []
            after: list[str] = []
            read_to = place
            while read_to < len(self._lines) and not after:
                line = self._worded_line(read_to)
                if read_to not in places:
                    after = line.tokens[:1]
                elif line.tokens:
                    run.append(line)
                read_to += 1
            if run:
                yield self._before(place), run, after

    def _before(self, place: int) -> list[str]:
        """Return the last word that stands before a line."""
        for earlier in range(place - 1, -1, -1):
            if tokens := self._worded_line(earlier).tokens:
                return tokens[-1:]
        return []
