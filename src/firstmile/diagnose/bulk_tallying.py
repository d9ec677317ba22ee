"""Tallying for many texts: the same numbers as `tallying`, with the words of a text as arrays.

Words are remembered from one text to the next, since reports are written in the same ones.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np

from firstmile.diagnose.classifier import Features
from firstmile.diagnose.clues import clues_of_lines, load_clues
from firstmile.diagnose.in_bulk import BulkClassifier, Numbers, Places
from firstmile.diagnose.tallying import Chances, Tally
from firstmile.diagnose.wording import LONGEST_TEXT, WORD, folded_token

_UNKNOWN: Final = -1
_LINE_END: Final = -2
_TOKEN_OR_END: Final = re.compile(rf"{WORD}|\n")
_MOST_WORDS: Final = 200_000
_LONGEST_WORD: Final = 64
"""What is remembered: so many words, none longer, so that memory is bounded."""
_NOTHING: Final = 1e-12


class _KnownWords(dict[str, int]):
    """The places of words as they stand in texts, in lower case; each is looked up once."""

    def __init__(self, words: Mapping[str, int]) -> None:
        super().__init__({"\n": _LINE_END})
        self._words = words

    def __missing__(self, token: str) -> int:
        place = self._words.get(folded_token(token), _UNKNOWN)
        if len(token) > _LONGEST_WORD:
            return place
        if len(self) > _MOST_WORDS:
            self.clear()
            self["\n"] = _LINE_END
        self[token] = place
        return place


@dataclass(frozen=True, slots=True)
class _Worded:
    """Known and unknown words in their order, each with the number of its line."""

    words: Places
    lines: Places


@dataclass(frozen=True, slots=True)
class _Marked:
    """Clues by their places among all, each with the number of its line."""

    clues: Places
    lines: Places


@dataclass(frozen=True, slots=True)
class _Counted:
    """The features that words and their pairs are, in order, with their values, not scaled."""

    places: Places
    counts: Places
    values: Numbers


class BulkTallying:
    """Tallies texts, one after the other; made once for a classifier."""

    def __init__(self, classifier: BulkClassifier) -> None:
        """Sort out words and pairs of words."""
        features = classifier.features
        self.classifier = classifier
        self.clue_names = tuple(load_clues())
        self.features_of_clues = np.array(
            [features.clues.get(clue, _UNKNOWN) for clue in self.clue_names], np.intp
        )
        self.size = len(features.frequencies)
        self.frequencies: Numbers = np.array(features.frequencies)
        self.rising: Numbers = np.concatenate(([0.0], 1 + np.log(np.arange(1, LONGEST_TEXT + 2))))
        self._known = _KnownWords(features.words)
        self._pairs, self._pair_places = _pairs_of(features)

    def __call__(self, lines: Sequence[str]) -> "BulkTally | Tally":
        """Tally the lines of a text; of a very long one only the beginning and the end count."""
        if sum(map(len, lines)) + len(lines) - 1 > LONGEST_TEXT:
            return Tally(lines, self.classifier)
        return BulkTally(lines, self)

    def worded(self, lines: Sequence[str]) -> _Worded:
        """Return the words of lines."""
        tokens = _TOKEN_OR_END.findall("\n".join(lines).lower())
        words = np.fromiter(map(self._known.__getitem__, tokens), np.intp, len(tokens))
        ends = words == _LINE_END
        stays = ~ends
        return _Worded(words[stays], ends.cumsum()[stays])

    def pairs(self, words: Places) -> tuple[Places, Places]:
        """Return the known pairs of neighbors, and where in the words each begins."""
        if len(words) < 2 or not len(self._pairs):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        asked = words[:-1] * self.size + words[1:]
        asked[(words[:-1] < 0) | (words[1:] < 0)] = -1
        nearest = self._pairs.searchsorted(asked)
        starts = (self._pairs.take(nearest, mode="clip") == asked).nonzero()[0]
        return self._pair_places[nearest[starts]], starts

    def counts(self, words: Places) -> "_Counted":
        """Return how often each feature stands in a text of these words."""
        pairs, _ = self.pairs(words)
        features = np.concatenate((words[words >= 0], pairs))
        features.sort()
        starts = _firsts(features)
        counts = np.empty_like(starts)
        np.subtract(starts[1:], starts[:-1], out=counts[:-1])
        counts[-1:] = len(features) - starts[-1:]
        places = features[starts]
        return _Counted(places, counts, self._values(places, counts))

    def _values(self, places: Places, counts: Places) -> Numbers:
        """Return the values of features that stand in a text so often, not scaled."""
        # No text has more words than a table of this length.
        found: Numbers = self.rising[counts] * self.frequencies[places]
        return found

    def clues(self, lines: Sequence[str]) -> "_Marked":
        """Return the clues of lines."""
        encoded = "\n".join(lines).encode("utf-8", "replace").split(b"\n")
        found = clues_of_lines(encoded) if lines else []
        counts = np.fromiter(map(len, found), np.intp, len(found))
        clues = np.fromiter(chain.from_iterable(found), np.intp, int(counts.sum()))
        return _Marked(clues, np.repeat(np.arange(len(found)), counts))

    def marks(self, clues: Places) -> Places:
        """Return the features that clues are, in order, each once."""
        met = np.bincount(clues, minlength=len(self.clue_names)).nonzero()[0]
        places = self.features_of_clues[met]
        return np.sort(places[places >= 0])


def _pairs_of(features: Features) -> tuple[Places, Places]:
    """Return pairs of words as one number each, in order, and their places.

    A pair is known only if its words are: it stands in no more texts than they do.
    """
    words, size = features.words, len(features.frequencies)
    found = sorted(
        (words[first] * size + words[second], place)
        for text, place in words.items()
        for first, gap, second in (text.partition(" "),)
        if gap and first in words and second in words
    )
    return (
        np.array([pair for pair, _ in found], np.intp),
        np.array([place for _, place in found], np.intp),
    )


class BulkTally:
    """The lines of one text, counted once."""

    def __init__(self, lines: Sequence[str], tallying: BulkTallying) -> None:
        """Count the words of lines, none of which holds a line end."""
        self._tallying = tallying
        self._lines = lines
        self._marked = tallying.clues(lines)
        self._worded = tallying.worded(lines)
        self._counted = tallying.counts(self._worded.words)
        self.clues = frozenset(
            map(tallying.clue_names.__getitem__, set(self._marked.clues.tolist()))
        )
        """The names of the clues that the text has."""
        self._marks = tallying.marks(self._marked.clues)
        self._drawn_by: dict[bytes, Numbers] = {}
        self._of_lines: tuple[Places, Places] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the text has nothing that the classifier knows."""
        return not len(self._counted.places) and not len(self._marks)

    @cached_property
    def chances(self) -> Chances:
        """What the classifier says of the text."""
        return self._chances(self._drawn, self._square, self._marks)

    @cached_property
    def _drawn(self) -> Numbers:
        """What the words draw to each code, not scaled."""
        counted = self._counted
        found: Numbers = counted.values @ self._tallying.classifier.rows[counted.places]
        return found

    @cached_property
    def _square(self) -> float:
        return float(self._counted.values @ self._counted.values)

    def _chances(self, drawn: Numbers, square: float, marks: Places) -> Chances:
        scale = 1 / np.sqrt(square) if square > _NOTHING else 0.0
        key = marks.tobytes()
        by_clues = self._drawn_by.get(key)
        if by_clues is None:
            own = _unit(self._tallying.frequencies[marks])
            by_clues = self._drawn_by[key] = own @ self._tallying.classifier.rows[marks]
        return self._tallying.classifier.chances_of(scale * drawn + by_clues)

    def without(self, places: Collection[int]) -> tuple[Chances, bool]:
        """Return what is said of the text without some lines, and whether nothing is left of it.

        `places` count lines from 0.
        """
        gone = np.zeros(len(self._lines) + 1, bool)
        gone[[place for place in places if place < len(gone)]] = True
        old = self._counted
        new = self._tallying.counts(self._worded.words[~gone[self._worded.lines]])
        gone_of_old, come_of_new = _differing(old, new)
        less, more = old.values[gone_of_old], new.values[come_of_new]
        rows = self._tallying.classifier.rows
        drawn = self._drawn - less @ rows[old.places[gone_of_old]]
        drawn += more @ rows[new.places[come_of_new]]
        # Where no word is left, rounding may leave something of the sum.
        square = self._square + float(more @ more - less @ less) if len(new.places) else 0.0
        marks = self._tallying.marks(self._marked.clues[~gone[self._marked.lines]])
        return self._chances(drawn, square, marks), not (len(new.places) or len(marks))

    def strengths(self, part: str, code: str, bodies: Mapping[int, str]) -> list[float]:
        """Return how much each of some lines draws the text to a code rather than the others.

        `bodies` are lines by their places, without what loggers put before them.
        """
        own = self._all
        pulls = self._tallying.classifier.pulls(own, self._scaled, part, code, self.chances[part])
        lines, features = self._features_of(bodies)
        places = own.searchsorted(features)
        has = own.take(places, mode="clip") == features if len(own) else np.zeros(0, bool)
        found: list[float] = np.bincount(
            lines[has], weights=pulls[places[has]], minlength=len(bodies)
        ).tolist()
        return found

    def _features_of(self, bodies: Mapping[int, str]) -> tuple[Places, Places]:
        """Return the features of lines, each once in a line, the lines numbered in their order.

        What is written alike in the text is not looked at again.
        """
        if self._of_lines is None:
            size = self._tallying.size
            numbers = np.full(len(self._lines) + 1, _UNKNOWN, np.intp)
            others: list[int] = []
            for number, (place, body) in enumerate(bodies.items()):
                if body == self._lines[place]:
                    numbers[place] = number
                else:
                    others.append(number)
            found = self._features_within(self._worded, self._marked, numbers)
            if others:
                listed = list(bodies.values())
                texts = [listed[number] for number in others]
                found += self._features_within(
                    self._tallying.worded(texts),
                    self._tallying.clues(texts),
                    np.array(others, np.intp),
                )
            every = np.sort(np.concatenate(found))
            once = every[_firsts(every)]
            self._of_lines = once // size, once % size
        return self._of_lines

    def _features_within(
        self, worded: "_Worded", marked: "_Marked", numbers: Places
    ) -> list[Places]:
        """Return features that lie within a line, each with its line's new number."""
        size = self._tallying.size
        lines = numbers[worded.lines]
        pairs, starts = self._tallying.pairs(worded.words)
        within = (worded.lines[starts] == worded.lines[starts + 1]) & (lines[starts] >= 0)
        known = (worded.words >= 0) & (lines >= 0)
        marks, marked_lines = self._tallying.features_of_clues[marked.clues], numbers[marked.lines]
        told = (marks >= 0) & (marked_lines >= 0)
        return [
            lines[known] * size + worded.words[known],
            lines[starts[within]] * size + pairs[within],
            marked_lines[told] * size + marks[told],
        ]

    @cached_property
    def _all(self) -> Places:
        """All features of the text, in order: those of words stand before those of clues."""
        return np.concatenate((self._counted.places, self._marks))

    @cached_property
    def _scaled(self) -> Numbers:
        """Their values, as those of a vector."""
        return np.concatenate(
            (_unit(self._counted.values), _unit(self._tallying.frequencies[self._marks]))
        )

    def nearest(self, *, most: int, without: Collection[str] = ()) -> list[tuple[str, float]]:
        """Return the likest cases with their cosine, 0 to 1, the likest first."""
        return self._tallying.classifier.shelf.nearest_to(
            self._all, self._scaled, most=most, without=without
        )


def _firsts(ordered: Places) -> Places:
    """Return where each number stands first, of numbers in order."""
    is_first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first.nonzero()[0]


def _differing(one: _Counted, other: _Counted) -> tuple[Places, Places]:
    """Return where in each of two stand the features that they do not have equally often."""
    if not len(one.places):
        return np.empty(0, np.intp), np.arange(len(other.places))
    places = one.places.searchsorted(other.places)
    places[places == len(one.places)] = 0
    equal = (one.places[places] == other.places) & (one.counts[places] == other.counts)
    differs = np.ones(len(one.places), bool)
    differs[places[equal]] = False
    return differs.nonzero()[0], (~equal).nonzero()[0]


def _unit(values: Numbers) -> Numbers:
    length = float(np.sqrt(values @ values))
    return values / length if length > 0 else values
