"""Complaining: which lines say that something failed, a person's words or a process's end."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from firstmile.diagnose.reading import Line

_ENDED_BADLY: Final = re.compile(
    r"(?i)segmentation fault|core dumped|\bsig(?:segv|kill|abrt|bus|ill)\b|"
    r"exit(?:ed with)? ?code:? -?[1-9]|exitcode *: *-?[1-9]|\bout of memory\b|\bkilled\b|"
    r"\bpanic(?:ked)?\b|terminate called|\bfatal error\b|\baborted\b"
)
_ENDINGS: Final = (
    *("segmentation fault", "core dumped", "sig", "exit", "out of memory", "killed", "panic"),
    *("terminate called", "fatal error", "aborted"),
)
"""One of these stands in every text that `_ENDED_BADLY` finds."""
_SAYS_ERROR: Final = re.compile(
    r"(?i)^(?:[\w./-]{1,60}: ){0,3}(?:error|fatal)(?:\[\w{1,20}\])?: |"
    r"\b(?:failed|unable) to load\b|: command not found\b"
)
"""What programs write that raise nothing, such as pip, shells and llama.cpp."""
_TRACEBACK: Final = "Traceback (most recent call last):"
_COMPLAINT: Final = re.compile(
    r"\b(?:anyone|somebody|nobody|how (?:can|do|to)|why|please|expected|instead|"
    r"problem|issue|bug|wrong(?:ly)?|incorrect|cannot|can't|doesn't|does not|don't|isn't|is not|"
    r"won't|no longer|never|fails?|failed|failing|failure|errors?|crash(?:es|ed|ing)?|stuck|hangs?|"
    r"freezes?|slow(?:er|ly)?|garbled|garbage|repeats?|repeating|loops?|endless(?:ly)?|gibberish|"
    r"nonsense|killed|unable|only|nothing|empty|again)\b",
    re.IGNORECASE,
)
_OF_ONESELF: Final = re.compile(r"\b(?:I|we|my|our|me)\b", re.IGNORECASE)
_PLAIN_WORD: Final = re.compile(r"[\"'(]?[A-Za-z][A-Za-z'’-]*[.,;:!?)\"']*")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_FEWEST_WORDS: Final = 8
_FEW_LINES: Final = 3
"""A text of so few lines may be a remark of fewer words."""
_FEWEST_WORDS_OF_A_REMARK: Final = 3
_FEWEST_CHARACTERS: Final = 8
_FEWEST_CHARACTERS_OF_A_REMARK: Final = 3
_CHINESE_COMPLAINT: Final = re.compile(
    r"慢|错|失败|无法|不了|不能|没有|不会|卡|乱码|崩|爆|重复|停不|为 ?(?:0|nan)"
)
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_PLAIN_SHARE: Final = 0.7
_LONGEST: Final = 4_000
_NO_SENTENCE: Final = frozenset("[{<$>=|0123456789'\"")
_HEAD: Final = 3
_HEADING: Final = 4
_MUCH: Final = 0.6


def speak_of_failure(lines: Sequence[Line], *, known: bool, has_clues: bool = True) -> bool:
    """Say whether a process ends badly in these lines, or a person complains in them.

    A person's words stand before what they paste, or make up much of the text; sentences in
    the midst of a log are those of libraries, which warn and advise without anything amiss.
    Where something `known` is hinted at, a person needs no word of complaint; one who merely
    speaks of himself complains where the text `has_clues` of models, machines or software.
    """
    if any(map(_ends_badly, lines)):
        return True
    sentences = _sentences(lines, known=known)
    if known or any(map(_complains, sentences)):
        return bool(sentences)
    return has_clues and any(map(_OF_ONESELF.search, sentences))


def _ends_badly(line: Line) -> bool:
    text = line.text[:_LONGEST]
    if (
        _SAYS_ERROR.search(text)
        or (line.body != line.text and _SAYS_ERROR.search(line.body[:_LONGEST]))
        or text.lstrip().startswith(_TRACEBACK)
    ):
        return True
    folded = text.casefold().replace("\u0131", "i")
    return any(each in folded for each in _ENDINGS) and _ENDED_BADLY.search(text) is not None


def _sentences(lines: Sequence[Line], *, known: bool) -> list[str]:
    """Return the sentences of a person; none where only libraries speak."""
    short = sum(1 for line in lines if line.text.strip()) <= _FEW_LINES
    least = _FEWEST_WORDS_OF_A_REMARK if short else _FEWEST_WORDS
    own = [
        _is_sentence(line, least=least) or (short and _is_remark(line, known=known))
        for line in lines
    ]
    length = sum(len(line.text) for line in lines)
    said = sum(len(line.text) for line, sentence in zip(lines, own, strict=True) if sentence)
    words_first = any(own[place] for place in islice(_before_the_log(lines, own), _HEAD))
    if not words_first and said < _MUCH * length:
        return []
    return [line.text[:_LONGEST] for line, sentence in zip(lines, own, strict=True) if sentence]


def _before_the_log(lines: Sequence[Line], own: Sequence[bool]) -> Iterator[int]:
    """Yield the places of a person's first words: blank lines and short headings count as such."""
    for place, line in enumerate(lines):
        text = line.text.strip()
        heading = text.startswith("#") or (len(text.split()) <= _HEADING and text.isalpha())
        if own[place]:
            yield place
        elif text and not heading:
            return


def _is_sentence(line: Line, *, least: int) -> bool:
    """Say whether a line is mostly plain words, without what loggers put before."""
    text = line.text[:_LONGEST]
    first = text.lstrip()[:1]
    if line.body != line.text or first in _NO_SENTENCE or "Warning:" in text:
        return False
    if len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS:
        return True
    return _is_plain(text, least)


def _is_plain(text: str, least: int) -> bool:
    words = text.split()
    if len(words) < least:
        return False
    return sum(1 for word in words if _PLAIN_WORD.fullmatch(word)) >= _PLAIN_SHARE * len(words)


def _is_remark(line: Line, *, known: bool) -> bool:
    """Say whether part of a line is a person's, where there is little else: "... Why so slow?"."""
    text = line.text[:_LONGEST]
    if line.body != line.text or text.lstrip()[:1] in _NO_SENTENCE or "Warning:" in text:
        return False
    if len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS_OF_A_REMARK:
        return _CHINESE_COMPLAINT.search(text) is not None
    parts = _BETWEEN_SENTENCES.split(text)
    return len(parts) > 1 and any(
        (known or _COMPLAINT.search(part)) and _is_plain(part, _FEWEST_WORDS_OF_A_REMARK)
        for part in parts
    )


def _complains(text: str) -> bool:
    return (
        len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS
        or _CHINESE_COMPLAINT.search(text) is not None
        or _COMPLAINT.search(text) is not None
    )
