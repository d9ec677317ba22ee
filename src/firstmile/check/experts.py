"""Tensors of experts told from all others: of large models they are nine of ten.

What is done for each of them is paid a hundred thousand times. Mostly the tensors of one layer's
experts stand together and repeat those of the layer before; then they are held against these as a
whole, and only otherwise one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import add, attrgetter
from typing import Final, TypeAlias

import msgspec

from firstmile.facts.model_folder.folder import Tensor

EXPERTS: Final = "experts."
_MOST_OTHERS: Final = 3
_NO_DIGITS: Final = str.maketrans("", "", "0123456789")
_NAME: Final = attrgetter("name")
_Shapes: TypeAlias = list[tuple[int, ...]]


class Experts(msgspec.Struct, frozen=True, kw_only=True):
    """The tensors of one name in all experts of a layer: how many, the first, and other shapes."""

    count: int
    first: Tensor
    others: Sequence[Tensor] = ()


Sparse: TypeAlias = Mapping[str, Mapping[str, Experts]]
"""Experts by what stands before their number, and then by what stands after it."""


class _Places(msgspec.Struct):
    """Where tensors of one name in all experts stand, in order of the names."""

    first: int
    count: int = 0
    others: list[int] = msgspec.field(default_factory=list)


class _Seen(msgspec.Struct, kw_only=True):
    """What stands behind "experts." in order, and where those of one name are among it."""

    tails: list[str]
    shapes: _Shapes
    parts: dict[str, _Places] = msgspec.field(default_factory=dict)
    unnumbered: list[int] = msgspec.field(default_factory=list)


class _Pattern(msgspec.Struct):
    """What stands behind "experts." in tensors that stand together, which others may repeat.

    `order` has their places in order of the names; it and `seen` are there once it is looked at.
    """

    tails: list[str]
    shapes: _Shapes
    order: list[int] = msgspec.field(default_factory=list)
    seen: _Seen | None = None

    def is_repeated(self, beginning: str, names: list[str], shapes: _Shapes) -> bool:
        """Say whether names and shapes are those of this, behind another beginning."""
        return shapes == self.shapes and names == list(map(add, repeat(beginning), self.tails))


class _Run(msgspec.Struct):
    """Where the tensors stand that share what is before "experts."; the pattern that they are."""

    places: range | list[int]
    pattern: _Pattern | None

    def add(self, more: range) -> None:
        """Take tensors that stand elsewhere, so that all of them together are no pattern."""
        if isinstance(self.places, range):
            self.places, self.pattern = list(self.places), None
        self.places += more


def apart(tensors: Iterable[Tensor]) -> tuple[Sparse, list[Tensor]]:
    """Return the tensors of experts, and all others in order of their names."""
    held = tuple(tensors)
    names, shapes = [one.name for one in held], [one.shape for one in held]
    runs, plain = _runs(names, shapes)
    others = [held[place] for place in plain]
    sparse: dict[str, dict[str, Experts]] = {}
    last: dict[int, _Seen] = {}
    for before in sorted(runs, key=lambda one: one + EXPERTS):
        places = runs[before].places
        pattern = runs[before].pattern or _pattern(names, shapes, places, before)
        seen = _seen(pattern, last)
        sparse[before] = {
            part: Experts(
                count=one.count,
                first=held[places[pattern.order[one.first]]],
                others=[held[places[pattern.order[place]]] for place in one.others],
            )
            for part, one in seen.parts.items()
        }
        others += (held[places[pattern.order[place]]] for place in seen.unnumbered)
    return sparse, sorted(others, key=_NAME)


def _runs(names: list[str], shapes: _Shapes) -> tuple[dict[str, _Run], list[int]]:
    """Return the runs by what stands before "experts.", and the places of all other tensors."""
    runs: dict[str, _Run] = {}
    others: list[int] = []
    patterns: dict[str, _Pattern] = {}
    at = 0
    while at < len(names):
        before, mark, _ = names[at].partition(EXPERTS)
        if not mark:
            others.append(at)
            at += 1
            continue
        beginning, earlier = before + mark, runs.get(before)
        kind = before.translate(_NO_DIGITS)
        pattern = patterns.get(kind)
        if earlier is None and pattern is not None:
            end = at + len(pattern.tails)
            if pattern.is_repeated(beginning, names[at:end], shapes[at:end]):
                runs[before] = _Run(range(at, end), pattern)
                at = end
                continue
        start = at
        while at < len(names) and names[at].startswith(beginning):
            at += 1
        if earlier is None:
            patterns[kind] = _pattern(names, shapes, range(start, at), before)
            runs[before] = _Run(range(start, at), patterns[kind])
        else:
            earlier.add(range(start, at))
    return runs, others


def _pattern(names: list[str], shapes: _Shapes, places: Sequence[int], before: str) -> _Pattern:
    start = len(before) + len(EXPERTS)
    return _Pattern([names[place][start:] for place in places], [shapes[place] for place in places])


def _seen(pattern: _Pattern, last: dict[int, _Seen]) -> _Seen:
    """Look through a pattern, unless in order of the names it is the last one that was as long."""
    if pattern.seen is None:
        pattern.order = order = sorted(range(len(pattern.tails)), key=pattern.tails.__getitem__)
        tails = [pattern.tails[place] for place in order]
        shapes = [pattern.shapes[place] for place in order]
        seen = last.get(len(order))
        if seen is None or seen.tails != tails or seen.shapes != shapes:
            seen = last[len(order)] = _looked_through(tails, shapes)
        pattern.seen = seen
    return pattern.seen


def _looked_through(tails: list[str], shapes: _Shapes) -> _Seen:
    found = _Seen(tails=tails, shapes=shapes)
    for place, tail in enumerate(tails):
        number, _, part = tail.partition(".")
        if not number.isdecimal():
            found.unnumbered.append(place)
            continue
        places = found.parts.setdefault(part, _Places(first=place))
        places.count += 1
        if shapes[place] != shapes[places.first] and len(places.others) < _MOST_OTHERS:
            places.others.append(place)
    return found
