"""Values encoded as columns, a block at a time."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from firstmile.study.failures import Column


class _Places(dict[str | None, int]):
    """Places of values, in order of first appearance."""

    def __missing__(self, value: str | None) -> int:
        self[value] = place = len(self)
        return place


class Encoder:
    """Collects values into one column, holding each distinct value once."""

    def __init__(self) -> None:
        self._places = _Places()
        self._blocks: list[npt.NDArray[np.int32]] = []

    def extend(self, values: Iterable[str | None]) -> None:
        """Append values; None and an empty text are not known."""
        codes = map(self._places.__getitem__, values)
        self._blocks.append(np.fromiter(codes, dtype=np.int32))

    def column(self) -> Column:
        """Return what was collected, categories sorted."""
        codes = np.concatenate([np.empty(0, dtype=np.int32), *self._blocks])
        names = sorted(name for name in self._places if name)
        translate = np.full(len(self._places), -1, dtype=np.int32)
        translate[[self._places[name] for name in names]] = np.arange(len(names), dtype=np.int32)
        return Column(tuple(names), translate[codes])


def recoded(
    column: Column, translate: Callable[[str], str | None], *, order: Iterable[str] = ()
) -> Column:
    """Return a column with each category replaced (None: not known).

    Categories come in `order` first, all of it, then sorted.
    """
    return with_categories(column, [translate(name) for name in column.categories], order=order)


def with_categories(
    column: Column, names: Sequence[str | None], *, order: Iterable[str] = ()
) -> Column:
    """Return a column with its categories renamed one by one, as `recoded` does."""
    first = tuple(order)
    categories = (*first, *sorted({name for name in names if name is not None} - set(first)))
    place = {name: code for code, name in enumerate(categories)}
    table = np.fromiter(
        (*(-1 if name is None else place[name] for name in names), -1),
        dtype=np.int32,
        count=len(names) + 1,
    )
    return Column(categories, table[column.codes])


def blank(length: int) -> Column:
    """Return a column in which nothing is known."""
    return Column((), np.full(length, -1, dtype=np.int32))
