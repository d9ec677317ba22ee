"""Others' words: what a history of commits, or a model in its answer, says of failures.

A message of a commit tells what is repaired, and an answer to a question on errors what there
may be. None of it happened where it is read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from firstmile.diagnose.reading import Line

_LONGEST: Final = 2_000
_COMMIT: Final = re.compile(r"commit [0-9a-f]{7,64}\b(?: \([^)]{1,200}\))?$")
_HEADER: Final = re.compile(r"(?:Author|AuthorDate|Commit|CommitDate|Date|Merge|Tagger): ")
_INDENT: Final = "    "
_ONE_LINE: Final = re.compile(r"[*|\\/ ]{0,8}(?P<hash>[0-9a-f]{7,12}) (?!.*  )\S")
_LETTER: Final = re.compile(r"[a-f]")
_FEWEST_COMMITS: Final = 3
_QUESTION: Final = re.compile(r">{3} +(?P<asked>[A-Z][^=(){}\[\]_]{8,400}[?.!])\s*$")
_PROMPT: Final = re.compile(r">{3} ?")
_SHELL: Final = re.compile(
    r"\s*[$%#] \S|\S{1,60}@\S{1,80}[$#%] ?|Traceback \(most recent call last\):"
)
_SAID: Final = re.compile(r"\s*[\w./\[\]-]{1,80}: |\S*(?:Error|Exception)\b")
"""How the messages of programs begin."""
_WORD: Final = re.compile(r"[\"'(*`]*[A-Za-z][A-Za-z'’-]*[.,;:!?)\"'*`]*")
_FEWEST_WORDS: Final = 8
_WORDS_SHARE: Final = 0.75


def others_words(lines: Sequence[Line]) -> Mapping[int, str]:
    """Return the places of lines that others wrote, with what is left of each."""
    found: dict[int, str] = {}
    if any(line.text.startswith("commit ") for line in lines):
        found.update(_messages(lines))
    if len(lines) >= _FEWEST_COMMITS:
        found.update(_one_line_messages(lines))
    if any(line.text.startswith(">>> ") for line in lines):
        found.update(_answers(lines))
    return found


def _messages(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the lines of messages below their heads, as `git log` prints them."""
    in_commit = False
    for place, line in enumerate(lines):
        text = line.text
        if _COMMIT.match(text):
            in_commit = True
        elif in_commit and text.startswith(_INDENT):
            yield place, ""
        elif text.strip() and not _HEADER.match(text):
            in_commit = False


def _one_line_messages(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a history that has one for each commit; its hash is left of it."""
    row: list[tuple[int, str]] = []
    for place, line in enumerate(lines):
        found = _ONE_LINE.match(line.text[:_LONGEST])
        if found:
            row.append((place, found["hash"]))
            continue
        yield from _if_commits(row)
        row = []
    yield from _if_commits(row)


def _if_commits(row: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Return a row where it is long enough and its numbers are hexadecimal, as no times are."""
    lettered = sum(_LETTER.search(each) is not None for _, each in row)
    return row if len(row) >= _FEWEST_COMMITS and lettered * 2 > len(row) else ()


def _answers(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the prose below a question that somebody asked a model at a prompt."""
    is_answer = False
    for place, line in enumerate(lines):
        text = line.text[:_LONGEST]
        if _SHELL.match(text):
            is_answer = False
        elif _PROMPT.match(text):
            is_answer = _QUESTION.match(text) is not None
        elif is_answer and _is_prose(text):
            yield place, ""


def _is_prose(text: str) -> bool:
    if _SAID.match(text):
        return False
    words = text.split()
    plain = sum(1 for word in words if _WORD.fullmatch(word))
    return len(words) >= _FEWEST_WORDS and plain >= _WORDS_SHARE * len(words)
