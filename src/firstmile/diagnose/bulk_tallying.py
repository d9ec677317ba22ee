"""Tallying for many texts: the same numbers as `tallying`, with the words of a text as arrays.

Words are remembered from one text to the next, since reports are written in the same ones.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Final

import numpy as np

from firstmile.diagnose.classifier import Features
from firstmile.diagnose.clues import clues_of_lines, load_clues
from firstmile.diagnose.in_bulk import BulkClassifier, Numbers, Places
from firstmile.diagnose.known_words import LINE_END, TOKEN_OR_END, UNKNOWN, KnownWords
from firstmile.diagnose.tallying import Chances, Tally
from firstmile.diagnose.wording import LONGEST_TEXT

_NOTHING: Final = 1e-12


_Stretch = tuple[int, int]
"""Where words begin and end among those of a text."""


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
            [features.clues.get(clue, UNKNOWN) for clue in self.clue_names], np.intp
        )
        self.size = len(features.frequencies)
        self.frequencies: Numbers = np.array(features.frequencies)
        self.rising: Numbers = np.concatenate(([0.0], 1 + np.log(np.arange(1, LONGEST_TEXT + 2))))
        self._known = KnownWords(features.words)
        self._pairs, self._pair_places = _pairs_of(features)
        self.place_of_pair = dict(
            zip(self._pairs.tolist(), self._pair_places.tolist(), strict=True)
        )
        """The places of pairs: `size` times the first word's place, plus the second's."""

    def __call__(self, lines: Sequence[str]) -> "BulkTally | Tally":
        """Tally the lines of a text; of a very long one only the beginning and the end count."""
        if sum(map(len, lines)) + len(lines) - 1 > LONGEST_TEXT:
            return Tally(lines, self.classifier)
        return BulkTally(lines, self)

    def worded(self, lines: Sequence[str]) -> _Worded:
        """Return the words of lines."""
        tokens = TOKEN_OR_END.findall("\n".join(lines).lower())
        words = np.fromiter(map(self._known.__getitem__, tokens), np.intp, len(tokens))
        ends = words == LINE_END
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

    def counts(self, words: Places, pairs: Places) -> "_Counted":
        """Return how often each feature stands in a text of these words and known pairs."""
        features = np.concatenate((words[words >= 0], pairs))
        features.sort()
        starts = _firsts(features)
        counts = np.empty_like(starts)
        np.subtract(starts[1:], starts[:-1], out=counts[:-1])
        counts[-1:] = len(features) - starts[-1:]
        places = features[starts]
        return _Counted(places, counts, self.values(places, counts))

    def values(self, places: Places, counts: Places) -> Numbers:
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
        self._pairs = tallying.pairs(self._worded.words)
        self._counted = tallying.counts(self._worded.words, self._pairs[0])
        self._clues = frozenset(self._marked.clues.tolist())
        self.clues = frozenset(map(tallying.clue_names.__getitem__, self._clues))
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
        scale = 1 / math.sqrt(square) if square > _NOTHING else 0.0
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
        gone = frozenset(places)
        stretches = list(self._stretches(gone))
        # What is less is counted: what is gone or what is left.
        if 2 * sum(end - start for start, end in stretches) > len(self._listed):
            drawn, square, is_left = self._counted_without(stretches)
        else:
            drawn, square, is_left = self._taken_away(stretches)
        marks = self._marks_without(gone)
        return self._chances(drawn, square, marks), not (is_left or len(marks))

    def _counted_without(self, stretches: Iterable[_Stretch]) -> tuple[Numbers, float, bool]:
        """Return what other words draw to each code, their square, and whether any is known."""
        stays = np.ones(len(self._worded.words), bool)
        for start, end in stretches:
            stays[start:end] = False
        words = self._worded.words[stays]
        left = self._tallying.counts(words, self._tallying.pairs(words)[0])
        drawn = left.values @ self._tallying.classifier.rows[left.places]
        return drawn, float(left.values @ left.values), len(left.places) > 0

    def _taken_away(self, stretches: Iterable[_Stretch]) -> tuple[Numbers, float, bool]:
        """Return the same as `_counted_without`, by what the words take with them."""
        fewer = self._fewer(stretches)
        changed = np.fromiter(fewer, np.intp, len(fewer))
        before = self._counts_of(changed)
        after = before - np.fromiter(fewer.values(), np.intp, len(fewer))
        less = self._tallying.values(changed, before)
        more = self._tallying.values(changed, after)
        drawn = self._drawn + (more - less) @ self._tallying.classifier.rows[changed]
        vanished = np.count_nonzero(before) - np.count_nonzero(after)
        # Where no word is left, rounding may leave something of the sum.
        is_left = len(self._counted.places) > int(vanished)
        square = self._square + float(more @ more - less @ less) if is_left else 0.0
        return drawn, square, is_left

    def _fewer(self, stretches: Iterable[_Stretch]) -> Counter[int | None]:
        """Return how many fewer there are of features without some words.

        Where a pair is new, because its words become neighbors, that is fewer than none.
        """
        words, place_of, size = self._listed, self._tallying.place_of_pair.get, self._tallying.size
        fewer: Counter[int | None] = Counter()
        for start, end in stretches:
            fewer.update(words[start:end])
            beside = pairwise(words[max(start - 1, 0) : end + 1])
            # An unknown first word makes a number that is no pair's.
            fewer.update(map(place_of, [one * size + other for one, other in beside if other >= 0]))
            if start and end < len(words) and words[end] >= 0:
                fewer[place_of(words[start - 1] * size + words[end])] -= 1
        del fewer[UNKNOWN], fewer[None]
        return fewer

    def _counts_of(self, places: Places) -> Places:
        """Return how often features stand in the text."""
        own, counts = self._counted.places, self._counted.counts
        if not len(own):
            return np.zeros(len(places), np.intp)
        found = own.searchsorted(places)
        return np.where(own.take(found, mode="clip") == places, counts.take(found, mode="clip"), 0)

    def _stretches(self, gone: Collection[int]) -> Iterator[_Stretch]:
        """Yield where words of some lines begin and end; lines that follow each other are one."""
        begun = ended = -1
        for line in sorted(line for line in gone if line < len(self._lines)):
            start, end = self._starts[line], self._starts[line + 1]
            if start == end:
                continue
            if start != ended:
                if begun >= 0:
                    yield begun, ended
                begun = start
            ended = end
        if begun >= 0:
            yield begun, ended

    @cached_property
    def _listed(self) -> list[int]:
        found: list[int] = self._worded.words.tolist()
        return found

    @cached_property
    def _starts(self) -> list[int]:
        """Where the words of each line begin, and where the last one's end."""
        found: list[int] = self._worded.lines.searchsorted(np.arange(len(self._lines) + 1)).tolist()
        return found

    @cached_property
    def _marked_lines(self) -> list[tuple[int, int]]:
        return list(zip(self._marked.clues.tolist(), self._marked.lines.tolist(), strict=True))

    def _marks_without(self, gone: Collection[int]) -> Places:
        left = {clue for clue, line in self._marked_lines if line not in gone}
        if len(left) == len(self._clues):
            return self._marks
        return self._tallying.marks(np.array(list(left), np.intp))

    def strengths(self, part: str, code: str, bodies: Mapping[int, str]) -> list[float]:
        """Return how much each of some lines draws the text to a code rather than the others.

        `bodies` are lines by their places, without what loggers put before them.
        """
        pulls = self._tallying.classifier.pulls(
            self._all, self._scaled, part, code, self.chances[part]
        )
        lines, places = self._places_of(bodies)
        found: list[float] = np.bincount(lines, pulls[places], len(bodies)).tolist()
        return found

    def _places_of(self, bodies: Mapping[int, str]) -> tuple[Places, Places]:
        """Return where among all features stand those of lines, the lines numbered in order."""
        if self._of_lines is None:
            own = self._all
            lines, features = self._features_of(bodies)
            places = own.searchsorted(features)
            has = own.take(places, mode="clip") == features if len(own) else np.zeros(0, bool)
            self._of_lines = lines[has], places[has]
        return self._of_lines

    def _features_of(self, bodies: Mapping[int, str]) -> tuple[Places, Places]:
        """Return the features of lines, each once in a line, the lines numbered in their order.

        What is written alike in the text is not looked at again.
        """
        size = self._tallying.size
        numbers = np.full(len(self._lines) + 1, UNKNOWN, np.intp)
        others: list[int] = []
        for number, (place, body) in enumerate(bodies.items()):
            if body == self._lines[place]:
                numbers[place] = number
            else:
                others.append(number)
        found = self._features_within(self._worded, self._pairs, self._marked, numbers)
        if others:
            listed = list(bodies.values())
            texts = [listed[number] for number in others]
            worded = self._tallying.worded(texts)
            found += self._features_within(
                worded,
                self._tallying.pairs(worded.words),
                self._tallying.clues(texts),
                np.array(others, np.intp),
            )
        every = np.sort(np.concatenate(found))
        once = every[_firsts(every)]
        return once // size, once % size

    def _features_within(
        self,
        worded: _Worded,
        known_pairs: tuple[Places, Places],
        marked: _Marked,
        numbers: Places,
    ) -> list[Places]:
        """Return features that lie within a line, each with its line's new number."""
        size = self._tallying.size
        lines = numbers[worded.lines]
        pairs, starts = known_pairs
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


def _unit(values: Numbers) -> Numbers:
    length = math.sqrt(values @ values)
    return values / length if length > 0 else values
