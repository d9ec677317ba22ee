"""Answers that show themselves: in a terminal, in a notebook, in IPython."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An answer in plain form, and how it becomes text, Markdown, and a piece of a page."""

    data: Plain
    text: Callable[[Plain], str]
    markdown: Callable[[Plain], str]
    fragment: Callable[[Plain], str]


class Displayed(ABC):
    """An answer with the methods that Python and notebooks ask for; everything read is inert."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Let a class that says `__repr__` itself be shown whole all the same.

        IPython takes the first class, from the object's own on, that defines either of both.
        """
        super().__init_subclass__()
        cls._repr_pretty_ = cls._repr_pretty_  # type: ignore[method-assign] # copied, not changed

    @abstractmethod
    def _shown(self) -> Shown:
        """Return the answer and its ways of being told."""

    def __str__(self) -> str:
        """Return what the command line prints."""
        shown = self._shown()
        return shown.text(shown.data)

    def _repr_html_(self) -> str:
        """Return what a notebook shows; everything that was read is escaped in it."""
        shown = self._shown()
        return shown.fragment(shown.data)

    def _repr_markdown_(self) -> str:
        """Return Markdown, for notebooks that show no HTML."""
        shown = self._shown()
        return shown.markdown(shown.data)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Write the whole text where IPython has a terminal."""
        printer.text(str(self))
