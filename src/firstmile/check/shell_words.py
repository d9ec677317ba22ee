"""A shell script as the words of its commands, in one pass over its text."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from firstmile.check.unknown_words import shown

MOST_COMMANDS: Final = 400
LONGEST_WORD: Final = 20_000
_MOST_WRITTEN: Final = 400
_MOST_HERE_DOCUMENTS: Final = 20
"""Of one command."""
_TOKEN: Final = re.compile(
    r"""
    (?P<blank>[ \t\r\f\v]++|\\\r?\n)
    |(?P<end>\n)
    |<<-?[ \t]{0,20}(?:'(?P<single_end>[^'\n]{1,100})'|"(?P<double_end>[^"\n]{1,100})"
        |\\?(?P<bare_end>[\w.-]{1,100}))
    |(?P<closed>[<>]&[0-9-]{1,9})
    |(?P<redirection>&>>?|<<<|>>|>\||<>|[<>]&|[<>](?!\())
    |(?P<part>[;&|()]++)
    |(?P<plain>[^\s;&|()<>'"\\`$#]++|\$\(\([^()\n]{0,400}\)\)|\$\([^()\n]{0,400}\)|`[^`\n]{0,400}`)
    |'(?P<single>[^']{0,4000})'
    |"(?P<double>(?:[^"\\]|\\.){0,4000}+)"
    |(?P<open>['"])
    |\\(?P<escaped>.)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""What may stand in a script (POSIX, Shell Command Language, 2.2, 2.3 and 2.7).

What a command in brackets would print is kept as it is written. Every piece is bounded or
possessive, so that no text is read more than a few thousand times from one place.
"""
_ESCAPED: Final = re.compile(r'\\([$`"\\\n])')


class _Reading(msgspec.Struct):
    """Where in a text the reading is, and the command that it is in."""

    text: str
    unread: list[str]
    words: list[str] = msgspec.field(default_factory=list)
    pieces: list[str] = msgspec.field(default_factory=list)
    in_word: bool = False
    is_target: bool = False
    """Whether the word that comes is a file that something is redirected to."""
    is_written: bool = False
    """Whether that file is written, and not read."""
    written: list[str] = msgspec.field(default_factory=list)
    here: list[str] = msgspec.field(default_factory=list)
    """How the here-documents end that begin at the next line."""

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.in_word = True

    def end_word(self) -> None:
        if self.in_word and not self.is_target:
            self.words.append("".join(self.pieces)[:LONGEST_WORD])
        elif self.in_word and self.is_written and len(self.written) < _MOST_WRITTEN:
            self.written.append("".join(self.pieces)[:LONGEST_WORD])
        if self.in_word:
            self.is_target = False
        self.pieces, self.in_word = [], False

    def redirect(self, *, has_target: bool, writes: bool = False) -> None:
        """A number right before is that of what is redirected, no word."""
        if "".join(self.pieces).isdigit():
            self.pieces, self.in_word = [], False
        self.end_word()
        self.is_target, self.is_written = has_target, writes

    def taken(self) -> list[str]:
        """Return the command that has ended."""
        self.end_word()
        words, self.words, self.is_target = self.words, [], False
        return words

    def given_up(self, place: int) -> int:
        """Pass the line by in which quotes do not close; return where the next one begins."""
        start = self.text.rfind("\n", 0, place) + 1
        end = self.text.find("\n", place)
        line = self.text[start : len(self.text) if end < 0 else min(end, start + 400)]
        self.unread.append(shown(f"{line.strip()} (its quotes do not close)"))
        self.words, self.pieces, self.in_word, self.is_target = [], [], False, False
        return len(self.text) if end < 0 else end

    def behind_documents(self, place: int) -> int:
        """Return where the here-documents end that begin at a place."""
        for mark in self.here:
            while True:
                at = self.text.find(mark, place)
                if at < 0:
                    self.unread.append(f"what follows <<{mark[:100]} (it does not end)")
                    return len(self.text)
                start = self.text.rfind("\n", place - 1, at) + 1
                end = self.text.find("\n", at)
                place = len(self.text) if end < 0 else end + 1
                if self.text[start:place].strip("\t\r\n ") == mark:
                    break
        self.here = []
        return place


def commands_of(
    text: str, unread: list[str], *, written: list[str] | None = None, brackets: bool = False
) -> Iterator[list[str]]:
    """Yield the commands of a script as words, in which variables still stand.

    Quotes, comments, redirections and here-documents are left out; what parts commands (a line's
    end, `;`, `&&`, `|`, brackets) parts them here. What is not understood is added to `unread`,
    the files that something is written to are to `written`. With `brackets` those around a
    subshell stand between the commands, each as one word.
    """
    reading = _Reading(text, unread, written=[] if written is None else written)
    place = count = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            return
        kind = found.lastgroup
        begun, place = place, found.end()
        if kind in ("blank", "end", "part"):
            reading.end_word()
            if kind != "blank" and (words := reading.taken()):
                count += 1
                if count > MOST_COMMANDS:
                    unread.append(f"what follows {MOST_COMMANDS} commands")
                    return
                yield words
            if brackets and kind == "part":
                yield from ([sign] for sign in found[kind] if sign in "()")
            if kind == "end" and reading.here:
                place = reading.behind_documents(place)
        elif kind in ("single_end", "double_end", "bare_end"):
            reading.redirect(has_target=False)
            if len(reading.here) < _MOST_HERE_DOCUMENTS:
                reading.here.append(found[kind])
        elif kind in ("closed", "redirection"):
            reading.redirect(has_target=kind == "redirection", writes=">" in found[kind])
        elif kind == "double":
            reading.add(_ESCAPED.sub(lambda one: one[1].strip("\n"), found[kind]))
        elif kind == "open":
            place = reading.given_up(begun)
        elif kind == "other" and found[kind] == "#" and not reading.in_word:
            end = text.find("\n", begun)
            place = len(text) if end < 0 else end
        elif kind is not None:
            reading.add(found[kind])
    if words := reading.taken():
        yield words
