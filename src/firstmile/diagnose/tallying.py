"""Tallying: a text as the classifier sees it, and again without some of its lines.

What a few lines add to the sums is taken away from them, so that it need not all be counted anew.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from firstmile.diagnose.classifier import Classifier, Vector
from firstmile.diagnose.clues import find_clues
from firstmile.diagnose.wording import LONGEST_TEXT, count_tokens, count_words, tokens_of

Chances = Mapping[str, Sequence[float]]
"""For each part of the classifier the probability of each of its codes."""

_NOTHING: Final = 1e-12


class Tally:
    """The lines of one text, counted once."""

    def __init__(self, lines: Sequence[str], classifier: Classifier) -> None:
        """Count the words of lines, none of which holds a line end."""
        self._lines = lines
        self._classifier = classifier
        self._features = classifier.features
        text = "\n".join(lines)
        self._is_long = len(text) > LONGEST_TEXT
        self._tokens = [] if self._is_long else [tokens_of(line) for line in lines]
        counts = (
            count_words(text)
            if self._is_long
            else count_tokens([token for line in self._tokens for token in line])
        )
        place_of = self._features.words.get
        self._counts = {
            place: n for word, n in counts.items() if (place := place_of(word)) is not None
        }
        self.clues = find_clues(text)
        """The names of the clues that the text has."""

    @cached_property
    def vector(self) -> Vector:
        """The text as a vector."""
        return self._features.vector_of(self._counts, self.clues)

    @property
    def is_empty(self) -> bool:
        """Whether the text has nothing that the classifier knows."""
        return not self.vector.indices

    @cached_property
    def chances(self) -> Chances:
        """What the classifier says of the text."""
        return self._chances(*self._words, self.clues)

    @cached_property
    def _words(self) -> tuple[list[float], float]:
        """What the words draw to each code, not scaled, and the square of their length."""
        values = [self._value(place, n) for place, n in self._counts.items()]
        drawn = self._classifier.drawn(tuple(self._counts), values)
        return drawn, sum(value * value for value in values)

    def _value(self, place: int, count: int) -> float:
        if count <= 0:
            return 0.0
        return (1 + math.log(count)) * self._features.frequencies[place]

    def _chances(self, drawn: Sequence[float], square: float, clues: Collection[str]) -> Chances:
        marks = self._features.vector_of({}, clues)
        scale = 1 / math.sqrt(square) if square > _NOTHING else 0.0
        others = self._classifier.drawn(marks.indices, marks.values)
        return self._classifier.chances(
            [scale * word + other for word, other in zip(drawn, others, strict=True)]
        )

    def without(self, places: Collection[int]) -> "tuple[Chances, bool]":
        """Return what is said of the text without some lines, and whether nothing is left of it.

        `places` count lines from 0.
        """
        left = [line for place, line in enumerate(self._lines) if place not in places]
        if self._is_long:
            rest = Tally(left, self._classifier)
            return rest.chances, rest.is_empty
        gone = self._taken(places)
        drawn, square = self._words
        changed, steps = [], []
        remaining = len(self._counts)
        for place, fewer in gone.items():
            before = self._counts.get(place, 0)
            old, new = self._value(place, before), self._value(place, before - fewer)
            remaining += (new > 0) - (old > 0)
            square += new * new - old * old
            changed.append(place)
            steps.append(new - old)
        moved = self._classifier.drawn(changed, steps)
        clues = find_clues("\n".join(left))
        drawn = [one + step for one, step in zip(drawn, moved, strict=True)]
        has_clues = any(clue in self._features.clues for clue in clues)
        return self._chances(drawn, square, clues), not remaining and not has_clues

    def _taken(self, places: Collection[int]) -> Counter[int]:
        """Return how many fewer there are of each feature, fewer than none where one is new."""
        place_of = self._features.words.get
        taken: Counter[int] = Counter()
        for before, run, after in self._runs(places):
            for word, n in count_tokens([*before, *run, *after]).items():
                if (place := place_of(word)) is not None:
                    taken[place] += n
            for word, n in count_tokens([*before, *after]).items():
                if (place := place_of(word)) is not None:
                    taken[place] -= n
        return taken

    def _runs(self, places: Collection[int]) -> Iterator[tuple[list[str], list[str], list[str]]]:
        """Yield tokens that lie together in lines taken away, with the neighbors that stay."""
        before: list[str] = []
        run: list[str] = []
        for place, tokens in enumerate(self._tokens):
            if not tokens:
                continue
            if place in places:
                run += tokens
                continue
            if run:
                yield before, run, tokens[:1]
                run = []
            before = tokens[-1:]
        if run:
            yield before, run, []
