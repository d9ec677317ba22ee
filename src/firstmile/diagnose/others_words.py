"""Others' words: what commits, changes and pages, or a model in its answer, say of failures.

A message of a commit tells what is repaired, a line of code what is caught or raised, a page which
error an old version gives, and an answer to a question on errors what there may be. None of it
happened where it is read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from firstmile.diagnose.reading import Line

_LONGEST: Final = 2_000
_COMMIT: Final = re.compile(r"commit [0-9a-f]{7,64}\b(?: \([^)]{1,200}\))?$")
_HEADER: Final = re.compile(r"(?:Author|AuthorDate|Commit|CommitDate|Date|Merge|Tagger): ")
_INDENT: Final = "    "
_ONE_LINE: Final = re.compile(r"[*|\\/ ]{0,8}(?P<hash>[0-9a-f]{7,11}) (?!.*  )\S")
"""As `git log --oneline` abbreviates hashes; ids of containers and addresses have twelve signs."""
_GRAPH: Final = re.compile(r"[*|\\/_ ]{1,16}$")
_BLAMED: Final = re.compile(
    r"\^?[0-9a-f]{7,40} \S{0,80} ?\([^()]{1,60} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} +"
    r"\d{1,7}\) "
)
_HUNK: Final = re.compile(r"@@ -\d{1,7}(?:,(?P<old>\d{1,5}))? \+\d{1,7}(?:,(?P<new>\d{1,5}))? @@")
_REPAIRED: Final = re.compile(
    r"\s*[-*•] (?:\*{0,2}\[[\w /-]{1,30}\]\*{0,2}:? ?)?(?:fix(?:e[ds])?|add(?:s|ed)?|"
    r"repair(?:s|ed)?|remove[ds]?|update[ds]?|support(?:s|ed)?|improve[ds]?|bump(?:s|ed)?|refactor(?:s|ed)?|"
    r"drop(?:s|ped)?|rename[ds]?|raise|handle[ds]?|avoid(?:s|ed)?|prevent(?:s|ed)?|resolve[ds]?)\b",
    re.IGNORECASE,
)
_TRIED: Final = re.compile(
    r"\b(?:still|same (?:error|problem|issue)|no luck|(?:did|does) not help|(?:did|does)n't)\b"
    r"|: \S{0,60}(?:Error|Exception): "
)
"""Of what a person did himself, and to no avail."""
_SHORT_LOG: Final = re.compile(
    r"(?!(?i:errors?|fail\w*|exceptions?|warnings?|problems?|issues?)\b)\S.{0,80} "
    r"\((?P<count>\d{1,5})\):$"
)
_IN_SHORT_LOG: Final = re.compile(r" {6}(?!\S*(?:Error|Exception)\b)\S")
_FORETOLD: Final = re.compile(
    r"\byou (?:will|may|might|could|would) (?:encounter|see|get|meet|run into|face)\b.{0,60}"
    r"\b(?:errors?|exception|message)\b.{0,40}[:：]\s*$"
)
_OLD_VERSION: Final = re.compile(r"<=? ?\d|\b(?:older|earlier|previous|lower|outdated|below)\b")
"""Of which a page foretells errors; those of a person come with what he has."""
_HAS_IT: Final = re.compile(
    r"\bI(?:'m|'ve)? (?:still |also |just |now )?(?:get|got|see|have|had)\b|我"
)
_FENCE: Final = "```"
_LETTER: Final = re.compile(r"[a-f]")
_FEWEST_COMMITS: Final = 3
_FEWEST_REPAIRS: Final = 2
_ITEMS: Final = frozenset(("- ", "* ", "• "))
_QUESTION: Final = re.compile(
    r">{3} +(?P<asked>[A-Z][^={}\[\]_]{8,400}[?.!]|"
    r"[^={}\[\]_()]{0,99}[\u3400-\u9fff]{3}[^={}\[\]_()]{0,200})\s*$"
)
_ASKED: Final = ">>> ?"
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_CHINESE_SHARE: Final = 0.5
_PROMPT: Final = re.compile(r">{3} ?")
_SHELL: Final = re.compile(
    r"\s*[$%#] \S|\S{1,60}@\S{1,80}[$#%] ?|Traceback \(most recent call last\):"
)
_SAID: Final = re.compile(
    r"\s*[\w./\[\]-]{1,80}: |\S*(?:Error|Exception)\b|\s*\S{0,8}(?:错误|警告|异常|失败)[:：]"
)
"""How the messages of programs begin."""
_WORD: Final = re.compile(r"[\"'(*`]*[A-Za-z][A-Za-z'’-]*[.,;:!?)\"'*`]*")
_OF_A_PERSON: Final = re.compile(r"\b(?:I|I'm|my|My|me|we)\b|[我卡]|乱码|重复|报错|停不|怎么回事")
_FEWEST_WORDS: Final = 8
_FEWEST_WORDS_OF_A_QUESTION: Final = 4
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
    if any(line.text.startswith("@@ -") for line in lines):
        found.update(_changes(lines))
    found.update(_listed(lines))
    return found


def _changes(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the lines of code in hunks of a change, as many as their heads say."""
    old = new = 0
    for place, line in enumerate(lines):
        text = line.text
        if hunk := _HUNK.match(text):
            old, new = int(hunk["old"] or 1), int(hunk["new"] or 1)
        elif old > 0 or new > 0:
            if text[:1] not in ("", "+", "-", " ", "\\"):
                old = new = 0
                continue
            old -= text[:1] in ("", "-", " ")
            new -= text[:1] in ("", "+", " ")
            yield place, ""


def _listed(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield lists of what was repaired, lines of code with their authors, and foretold errors."""
    repaired = [
        place
        for place, line in enumerate(lines)
        if line.text.lstrip()[:2] in _ITEMS
        and _REPAIRED.match(line.text[:_LONGEST])
        and not _TRIED.search(line.text[:_LONGEST])
    ]
    if len(repaired) >= _FEWEST_REPAIRS and len(repaired) * 2 >= sum(
        1 for line in lines if line.text.strip()
    ):
        yield from ((place, lines[place].text.lstrip()[:1]) for place in repaired)
    is_told_of = any(_HAS_IT.search(line.text[:_LONGEST]) for line in lines)
    for place, line in enumerate(lines):
        text = line.text[:_LONGEST]
        if text.endswith("):") and (head := _SHORT_LOG.match(text)):
            yield from _in_short_log(lines, place + 1, int(head["count"]))
        if "(" in text and _BLAMED.match(text):
            yield place, text.split()[0]
        elif (
            not is_told_of
            and " you " in text
            and text.endswith((":", "："))
            and _is_foretelling(text)
        ):
            yield from _foretold(lines, place + 1)


def _in_short_log(lines: Sequence[Line], begin: int, count: int) -> Iterator[tuple[int, str]]:
    """Yield the lines below an author, where they are as many as beside the name."""
    end = begin
    while end < len(lines) and end - begin <= count and _IN_SHORT_LOG.match(lines[end].text):
        end += 1
    if end - begin == count:
        yield from ((place, "") for place in range(begin, end))


def _is_foretelling(text: str) -> bool:
    return _FORETOLD.search(text) is not None and _OLD_VERSION.search(text) is not None


def _foretold(lines: Sequence[Line], begin: int) -> Iterator[tuple[int, str]]:
    """Yield the lines that a page shows as the error of others: a fenced part, or one line."""
    is_fenced = False
    for place in range(begin, len(lines)):
        text = lines[place].text.strip()
        if text.startswith(_FENCE):
            if is_fenced:
                return
            is_fenced = True
        elif text:
            yield place, ""
            if not is_fenced:
                return


def _messages(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the lines of messages below their heads, as `git log` prints them."""
    is_named = in_commit = False
    for place, line in enumerate(lines):
        text = line.text
        if _COMMIT.match(text):
            is_named, in_commit = True, False
        elif in_commit and text.startswith(_INDENT):
            yield place, ""
        elif text.strip():
            in_commit = is_named = is_named and _HEADER.match(text) is not None


def _one_line_messages(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a history that has one for each commit; its hash is left of it."""
    row: list[tuple[int, str]] = []
    for place, line in enumerate(lines):
        found = _ONE_LINE.match(line.text[:_LONGEST])
        if found:
            row.append((place, found["hash"]))
            continue
        if row and _GRAPH.match(line.text):
            continue
        yield from _if_commits(row)
        row = []
    yield from _if_commits(row)


def _if_commits(row: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Return a row where it is long enough and its numbers are hexadecimal, as no times are."""
    lettered = sum(_LETTER.search(each) is not None for _, each in row)
    return row if len(row) >= _FEWEST_COMMITS and lettered * 2 > len(row) else ()


def _answers(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield what stands below a question that somebody asked a model at a prompt: prose and code.

    The question goes with its answer.
    """
    question: int | None = None
    is_code = False
    added = _added(lines)
    for place, line in enumerate(lines):
        text = line.text[:_LONGEST]
        if is_code or (question is not None and text.lstrip().startswith(_FENCE)):
            is_code ^= text.lstrip().startswith(_FENCE)
            yield place, ""
        elif place == added or _SHELL.match(text):
            question = None
        elif _PROMPT.match(text):
            question = place if _is_question(text) else None
        elif question is not None and _is_prose(text):
            yield question, _ASKED
            yield place, ""


def _added(lines: Sequence[Line]) -> int | None:
    """Return the place of what a person adds below an answer, in a last paragraph of its own."""
    last = next((place for place in reversed(range(len(lines))) if lines[place].text.strip()), 0)
    if last == 0 or lines[last - 1].text.strip():
        return None
    return last if _OF_A_PERSON.search(lines[last].text[:_LONGEST]) else None


def _is_question(text: str) -> bool:
    found = _QUESTION.match(text)
    if found is None:
        return False
    asked = found["asked"]
    return "(" not in asked or _is_prose(asked, _FEWEST_WORDS_OF_A_QUESTION)


def _is_prose(text: str, least: int = _FEWEST_WORDS) -> bool:
    if _SAID.match(text):
        return False
    if len(_CHINESE.findall(text)) > _CHINESE_SHARE * len(text):
        return True
    words = text.split()
    plain = sum(1 for word in words if _WORD.fullmatch(word))
    return len(words) >= least and plain >= _WORDS_SHARE * len(words)
