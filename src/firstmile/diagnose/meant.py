"""Meant: a text without what its writer rules out, repeats on purpose, or only lists.

Words count for what they name, whoever denies it: "it is not out of memory" would be read as a
report of that. Others' words, as those of a commit, count for nothing. Output that is spoiled has
no words: they are added to it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from firstmile.diagnose.others_words import others_words
from firstmile.diagnose.reading import Line
from firstmile.diagnose.spoiled_output import NOTHING, named
from firstmile.redaction.rule import Late

_LONGEST: Final = 2_000
_WHAT: Final = (
    r"(?:(?:cuda |gpu |an? )?(?:out of memory|oom)|(?:gpu |cpu |main )?memory|driver|network|disk|"
    r"permission|version|quantization|sampling|(?:chat )?template|tokeni[sz]er|timeout|nccl)s?"
    r"(?: error| problem| issue)?"
)
_RULED_OUT: Final = Late(
    rf"\b(?:it|this|that)(?:['’]s| is| was) (?:really |surely |certainly |clearly )?not "
    rf"(?:an? |the |my |about |due to |because of |caused by ){{0,3}}{_WHAT}"
    r"(?=\s*(?:[,.;:!)]|$|\b(?:but|and|since|because|as)\b))|"
    r"\b(?:there is |it is |and |with )?(?:no|without(?: an?y?)?) (?:oom|out of memory)"
    r"(?: errors?)?(?=\s*(?:[,.;:!)]|$))|"
    r"(?:并?不是|并非|排除了)(?:因为)?(?:显存|内存|驱动|网络|版本|量化)(?:不足|不够)?(?:的?(?:问题|原因))?",
    re.IGNORECASE,
)
_ON_PURPOSE: Final = Late(
    r"\brepeat(?:ed|ing)? (?:the |an? |my |this |our |that |each |every |all )?(?:whole )?"
    r"(?:evaluation|experiment|run|measurement|benchmark|training)s?"
    r"(?: over and over(?: again)?| again and again)?",
    re.IGNORECASE,
)
_MARKS: Final = ("not ", "no ", "without", "repeat", "不是", "并非", "排除")
"""One of these stands in every text that loses words."""
_EMPTY_FIELD: Final = Late(
    r",? ?[\"'](?:tool_calls|function_call|refusal|audio|annotations)[\"']: ?(?:\[\]|null|None)"
)
"""What servers write in each reply: it speaks of no tools."""
_LISTED: Final = "What firstmile facts says"
_END_OF_LIST: Final = "</details>"


def as_meant(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines, each in its place, with those words that speak for a failure."""
    meant = list(_meant(lines))
    spoiled = named(meant)
    for place, left in others_words(meant).items():
        if place not in spoiled:
            meant[place] = replace(meant[place], text=left, body=left)
    if NOTHING in spoiled.values():
        meant = [_without_empty_fields(line) for line in meant]
    for place, words in spoiled.items():
        line = meant[place]
        meant[place] = replace(line, text=f"{line.text}{words}", body=f"{line.body}{words}")
    return tuple(meant)


def _without_empty_fields(line: Line) -> Line:
    text, body = (_EMPTY_FIELD.sub("", each) for each in (line.text, line.body))
    return line if text == line.text else replace(line, text=text, body=body)


def _meant(lines: Sequence[Line]) -> Iterator[Line]:
    is_listed = False
    for line in lines:
        is_listed = _LISTED in line.text or (is_listed and _END_OF_LIST not in line.text)
        if is_listed:
            yield replace(line, text="", body="")
        else:
            yield _without_denials(line)


def _without_denials(line: Line) -> Line:
    text = line.text
    if len(text) > _LONGEST or line.body != text:
        return line
    folded = text.casefold()
    if not any(mark in folded for mark in _MARKS):
        return line
    left = _ON_PURPOSE.sub("", _RULED_OUT.sub("", text))
    return line if left == text else replace(line, text=left, body=left)
