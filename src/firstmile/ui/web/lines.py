"""Lines of text from outside: made inert, searched for errors, and folded where there are many."""

import html
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final

from firstmile.rendering.inert import visible

FOLDED_FROM: Final = 26
"""A block of so many lines is folded."""

HEAD: Final = 4
TAIL: Final = 8
AROUND: Final = 1
ERRORS_SHOWN: Final = 30
LEAST_FOLDED: Final = 4
"""Fewer lines are not worth a fold."""

LONGEST_TRACEBACK: Final = 40
"""Lines of a Python traceback that are kept in sight together."""

WRITTEN: Final = 3_000
"""Lines of one block that are in the page at all; the plain text of the thread has the rest."""

LONGEST: Final = 2_000
"""Characters of one line that are shown."""

_COLOR: Final = re.compile(r"\x1b\[[0-9;]{0,20}m")
_ERROR: Final = re.compile(
    r"\b(?:[A-Za-z_.]{0,80}(?:Error|Exception|Interrupt)\b|Traceback|FATAL|ERROR|CRITICAL|PANIC"
    r"|panic|fatal|[Ee]rror:|[Ff]ailed|[Ff]ailure|[Aa]borted|Killed|[Cc]annot|[Uu]nable to"
    r"|not found|[Oo]ut of memory|OOM|[Ss]egmentation fault|core dumped|[Tt]imed? ?out"
    r"|No such file|not supported|[Uu]nsupported|undefined symbol|mismatch)"
    r"|assert |错误|异常|失败|报错|崩溃"
)
_TRACEBACK: Final = "Traceback (most recent call last)"
_LAST: Final = re.compile(r"^[A-Za-z_][\w.]{0,80}(?:Error|Exception|Interrupt|Warning)\b")


def inert_line(line: str) -> str:
    """Return one line with colors dropped, tabs as spaces and all else unseen spelled out."""
    return visible(_COLOR.sub("", line).expandtabs(4))


def inert_text(text: str) -> str:
    """Return a text line by line as `inert_line` does; its lines end with a newline alone."""
    return "\n".join(map(inert_line, split(text)))


def split(text: str) -> list[str]:
    """Return the lines of a text; only newline characters end one, as in a terminal."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def is_error(line: str) -> bool:
    """Whether a line of a log looks like one that says what went wrong."""
    return _ERROR.search(line[:LONGEST]) is not None


def shortened(line: str) -> str:
    """Return a line cut at LONGEST, saying how much is left out."""
    if len(line) <= LONGEST:
        return line
    return f"{line[:LONGEST]} … ({len(line) - LONGEST:,} more characters)"


def plain(text: str) -> str:
    """Return what two quotations of one line have in common: no marks, no runs of space."""
    return " ".join(re.sub(r"[`*_\\]", "", text).split())


class Quotes:
    """Lines that raters quoted, to be found again in the thread."""

    def __init__(self, quotes: Iterable[tuple[str, str]] = ()) -> None:
        self._by_line: list[tuple[str, str]] = [
            (who, wanted)
            for who, quote in quotes
            for wanted in map(plain, split(quote))
            if len(wanted) > 2
        ]

    def of(self, line: str) -> tuple[str, ...]:
        """Return who quoted a line, or a part of it."""
        if not self._by_line:
            return ()
        here = plain(line)
        found = [who for who, wanted in self._by_line if wanted in here]
        return tuple(dict.fromkeys(found))


def block(lines: Sequence[str], quotes: Quotes, *, language: str = "") -> str:
    """Return the HTML of a block of code or log: a line an element, long ones folded.

    Errors, their neighbors, quoted lines, the head and the tail of a folded block stay in sight.
    """
    count = len(lines)
    errors = [place for place, line in enumerate(lines) if is_error(line)]
    seen = _seen(lines, errors, quotes) if count >= FOLDED_FROM else set(range(count))
    written = seen if count > WRITTEN else set(range(count))
    emphasized = set(errors)
    parts: list[str] = []
    place = 0
    while place < count:
        if place in seen:
            parts.append(_line(lines[place], place in emphasized, quotes))
            place += 1
            continue
        end = place
        while end < count and end not in seen:
            end += 1
        hidden = [at for at in range(place, end) if at in written]
        words = f"{end - place:,} lines folded" if hidden else f"{end - place:,} lines left out"
        parts.append(
            f'<button type="button" class="gap" tabindex="-1">{words}</button>'
            if hidden
            else f'<span class="gap">{words}: the plain text has them</span>'
        )
        parts += [_line(lines[at], at in emphasized, quotes, " far") for at in hidden]
        place = end
    label = f' data-language="{html.escape(language)}"' if language else ""
    folded = " folded" if len(seen) < count else ""
    return f'<pre class="code{folded}"{label}>{"".join(parts)}</pre>'


def _seen(lines: Sequence[str], errors: Sequence[int], quotes: Quotes) -> set[int]:
    count = len(lines)
    shown = [*errors[: ERRORS_SHOWN // 2], *errors[-ERRORS_SHOWN // 2 :]]
    shown += [place for place in errors if _LAST.match(lines[place])][-ERRORS_SHOWN:]
    shown += [place for place, line in enumerate(lines) if quotes.of(line)]
    seen = {*range(min(HEAD, count)), *range(max(0, count - TAIL), count)}
    for place in shown:
        seen.update(range(max(0, place - AROUND), min(count, place + AROUND + 1)))
        if lines[place].lstrip().startswith(_TRACEBACK):
            end = place + 1
            while end < count and end - place < LONGEST_TRACEBACK and not _LAST.match(lines[end]):
                end += 1
            seen.update(range(place, min(end + 1, count)))
    places = sorted(seen)
    for one, other in itertools.pairwise(places):
        if other - one <= LEAST_FOLDED:
            seen.update(range(one, other))
    return seen


def _line(line: str, is_emphasized: bool, quotes: Quotes, more: str = "") -> str:
    looks = f"line{more}{' error' if is_emphasized else ''}"
    text = html.escape(shortened(inert_line(line)))
    return f"{opened(looks, quotes.of(line))}{text}\n</span>"


def opened(looks: str, who: Sequence[str]) -> str:
    """Return the start of a line's element, marked with who quoted it."""
    if not who:
        return f'<span class="{looks}">'
    names = html.escape(", ".join(who))
    return f'<span class="{looks} quoted" data-quoted="{names}">'
