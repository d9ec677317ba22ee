"""Text broken into lines of a terminal."""

import textwrap

from firstmile.rendering.inert import visible


def wrapped(text: str, *, indent: str = "", width: int) -> list[str]:
    """Break text to a width; links and long words stay whole.

    White space becomes single spaces, and what would act on the terminal is spelled out.
    """
    return textwrap.wrap(
        visible(" ".join(text.split())),
        width=max(width, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
