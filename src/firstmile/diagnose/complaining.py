"""Complaining: whether a person says in a text that something is not as it should be."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from firstmile.diagnose.library_words import is_library_sentence
from firstmile.diagnose.passing_on import is_passed_on
from firstmile.diagnose.reading import Line
from firstmile.diagnose.subject import is_about_models
from firstmile.redaction.rule import Late

_PLAIN_COMPLAINT: Final = Late(
    r"\b(?:anyone|somebody|nobody|why|wrong(?:ly)?|crash(?:es|ed|ing)?|stuck|hangs|"
    r"freezes?|too slow|so slow|very slow|slower|garbled|garbage|repeats|repeating|loops|"
    r"endless(?:ly)?|gibberish|nonsense|no sense|cut off|cuts off|exclamation marks?|"
    r"meaningless|worse|bad(?:ly)?|"
    r"never (?:stops|ends|learns|finishes|comes|answers|returns)|still|does(?:n't| not) "
    r"(?:work|stop|learn|fall|converge|change|follow|answer|load|start|respond|help|go|match)|"
    r"no longer|although|even though|poor(?:ly)?|fails|is (?:null|blank))\b",
    re.IGNORECASE,
)
"""What a person says of a failure, and no library of a run that is well."""
_COMPLAINT: Final = Late(
    r"\b(?:anyone|somebody|nobody|how (?:can|do|to)|why|help|expected|instead|"
    r"problem|issue|bug|wrong(?:ly)?|incorrect|cannot|can't|doesn't|does not|don't|isn't|is not|"
    r"won't|no longer|never|fails?|failed|failing|failure|(?<!no )errors?|"
    r"crash(?:es|ed|ing)?|stuck|hangs?|breaks? off|"
    r"freezes?|slow(?:er|ly)?|garbled|garbage|repeats?|repeating|loops?|endless(?:ly)?|gibberish|"
    r"nonsense|killed|unable|only|nothing|empty|again|null|blank|half|missing|bad(?:ly)?|poor(?:ly)?|"
    r"worse|although|though|despite|no (?:sense|answer|output|reasoning|response|effect|reply|"
    r"text|difference)|still|makes no|random|same as|dies|died|babbles|weird|unrelated|"
    r"mismatch(?:es)?|rises|jumps|round in circles|for ?ever|fragments|fills? up|runs full|"
    r"throws|breaks|broken|kept coming|goes away|without any message|times as long|"
    r"(?:by|with|always) the same (?:sentence|words?|answers?|tokens?|text|reply|paragraph)|"
    r"in the mid(?:dle|st) of an? (?:sentence|answer|word)|changes language|in plain text|a fix)\b|"
    r"\d ?(?:s/it|sec(?:onds?)?/it)\b|\btokens? (?:per|a) minute\b|"
    r"\b(?:takes?|took|needs?|lasts?)\b.{0,40}(?<![\d.])(?:minutes?|[1-9]\d* ?(?:minutes?|"
    r"s(?:ec(?:ond)?s?)?)) (?:per|for (?:an?|each|every)) (?:token|word|"
    r"answer|reply|response|sentence|prompt|request|question)\b|"
    r"\butili[sz]ation (?:is|at|of) \d",
    re.IGNORECASE,
)
_OF_ONESELF: Final = Late(r"\b(?:I|we|my|our|me)\b", re.IGNORECASE)
_MYSELF: Final = Late(r"\b(?:I|I'm|I've|my|My|me)\b")
_ASKS: Final = Late(r"[?？]\s*$|请问|怎么办")
_ASKS_WHY: Final = Late(r"\W*why\b", re.IGNORECASE)
_CONTRAST: Final = Late(
    r"\b(?:although|though|but|instead|expected|why|how|slow|wrong|nothing|despite|yet)\b",
    re.IGNORECASE,
)
_RESULT: Final = Late(
    r"\b(?:outputs?|answers?|replies|reply|results?|generat\w+|model|loss|prints|responses?|texts?|"
    r"tokens?|script|run|training|server)\b",
    re.IGNORECASE,
)
_WISH: Final = Late(
    r"\b(?:please|could you|can you|will you) (?:add|support)\b|\bfeature request\b|\bany plans?\b|"
    r"\badd (?:the )?support (?:for|of)\b|\bwould be (?:great|nice|helpful|good)\b|"
    r"(?:希望|能否|何时|什么时候|请求|计划)(?:能|会|可以|增加|添加)?支持",
    re.IGNORECASE,
)
_NOT_A_WISH: Final = Late(
    r"\b(?:error|fail|crash|wrong|garb|slow|hang|stuck|cannot|can't|doesn't|does not|broken|raise|"
    r"traceback|exception)|报错|失败|错误|乱码|卡|无法|不能|不了|崩",
    re.IGNORECASE,
)
_SOLVED: Final = Late(
    r"\bsolved\b|\b(?:it |now |all )?works (?:now|again|well|fine)\b|"
    r"\b(?:all|everything|answers?|results?) (?:is|are) (?:good|well|fine|right)\b|"
    r"可以了|解决了|很好|没有错误",
    re.IGNORECASE,
)
_LONGEST_OF_NEWS: Final = 120
"""Characters of a text that tells that all is well; longer ones tell what was not."""
_YET: Final = Late(r"\b(?:but|however|yet|only|until|except|unless|why|how)\b|但|不过|却|[?？]")
_MOST_LINES_OF_A_WISH: Final = 6
_PARTICULAR: Final = Late(r"[\d_`\"/=|<>(){}]|[a-z][A-Z]|[A-Z]{2}|\w\.\w|[\u3400-\u9fff]")
"""What a name, a number, a message, a path or an option has."""
_SAYING_NOTHING: Final = frozenset(("version", "question", "docs", "workaround", "install"))
"""Clues that stand in any request for help."""
_PLAIN_WORD: Final = Late(r"[\"'(]?[A-Za-z][A-Za-z'’-]*[.,;:!?)\"']*")
_CHINESE: Final = Late(r"[\u3400-\u9fff]")
_FEWEST_WORDS: Final = 8
_FEW_LINES: Final = 3
"""A text of so few lines may be a remark of fewer words."""
_FEWEST_WORDS_OF_A_REMARK: Final = 3
_FEWEST_CHARACTERS: Final = 8
_FEWEST_CHARACTERS_OF_A_REMARK: Final = 3
_CHINESE_COMPLAINT: Final = Late(
    r"慢|错|失败|无法|不了|不能|没有|不会|卡|乱码|崩|爆|重复|停不|[为是] ?(?:0(?![\d.]*[1-9])|nan)|"
    r"不(?:生效|下降|收敛|对|变|动|好|停|到|行|一致|正常|完整|稳定)|差|问题|异常|怎么|为什么|为何|奇怪|报"
)
_CHINESE_PROGRESS: Final = Late(r"完成|成功|开始|正在|已(?:经)?(?:保存|加载|启动)|请稍")
"""What programs say in Chinese while they do their work."""
_BETWEEN_SENTENCES: Final = Late(r"(?<=[.!?])\s+")
_PLAIN_SHARE: Final = 0.7
_PLAIN_SHARE_OF_A_REMARK: Final = 0.5
_FEWEST_WORDS_OF_A_HEADING: Final = 4
"""Of words that stand by themselves above an empty line."""
_LONGEST: Final = 4_000
_NO_SENTENCE: Final = frozenset("[{<$>=|0123456789'\"")
_TABLE: Final = Late(
    r"^\s*(?:[\w/-]{1,40}[:=] ?[\d.]{1,20}%?(?:[,;]? |[,;]?$)){3,}$|"
    r"(?:[^\s.!?,;:] {2,}[^ ].{0,80}){3}"
)
"""Cells and counts, such as `passed: 9, errors: 0`: no prose, whatever they are named."""
_OF_A_DOCKERFILE: Final = ("RUN ", "HEALTHCHECK ", "CMD ", "ENTRYPOINT ", "COPY ", "FROM ")
_ANSWER: Final = Late(r"\s*(?:outputs?|输出)\s?[:：]", re.IGNORECASE)
_CHINESE_COUNT: Final = Late(
    r"(?:成功|失败|错误|跳过)(?:数|率)? ?[:：]? ?\d+(?![\d.]* ?(?:次|步|轮|%))|"
    r"^\s*警告[:：]|(?:完成|通过)[。！!]?\s*$"
)
"""What programs report at their end in Chinese, and in their warnings."""
_CHINESE_CONTRAST: Final = Late(r"但|却|不过|可是|怎么|为什么|为何|[?？]")
_CHINESE_DOUBT: Final = Late(
    r"无法|不能|没有|未能|卡|慢|但|却|怎么|为什么|为何|请问|不足|终止|杀死|崩|[?？我]"
)
_BOLD_HEADING: Final = Late(r"\*\*[^*]{1,80}\*\*\s?[:：]?$")
_ITEM_OF_A_FORM: Final = Late(r"- \[[ xX]\] |\d{1,2}\. [^\d\s]")
_TITLE_OF_A_REPORT: Final = Late(
    r"# (?:\S+ ){0,6}(?:crash(?:es|ed)?|fails|failed|hangs|stuck|garbled|freezes)\b",
    re.IGNORECASE,
)
_LEFT_EMPTY: Final = frozenset(("_No response_", "<details>", "</details>", "N/A", "n/a", "---"))
"""What stands in the fields of a form that its writer passed over."""
_LONGEST_OF_A_LIBRARY: Final = 200
"""Characters of a sentence of a library that has no known shape."""
_BAR: Final = "%|"
_HEAD: Final = 3
_HEADING: Final = 4
_MUCH: Final = 0.6


def complains(
    lines: Sequence[Line], *, known: bool, has_clues: bool = True, ends_well: bool = False
) -> bool:
    """Say whether a person complains in these lines.

    A person's words stand before what they paste, or make up much of the text; sentences in
    the midst of a log are those of libraries, which warn and advise without anything amiss.
    Where something `known` is hinted at, a person needs no word of complaint; one who merely
    speaks of himself complains where the text `has_clues` of models, machines or software. Above
    a log that `ends_well`, and right above the lines of a log, only plain words count.
    """
    if _adds_a_complaint(lines):
        return True
    own = _own(lines, known=known)
    if not own:
        return False
    sentences = [lines[place].text[:_LONGEST] for place in own]
    if is_a_page(lines):
        if _is_a_report(lines):
            return True
        return any(_MYSELF.search(each) or _ASKS.search(each) for each in sentences)
    if ends_well and not _stands_apart(lines, own):
        return any(map(_complains_plainly, sentences))
    if _follows_a_program(lines, own):
        return any(map(_complains_of_a_result, sentences))
    if known or any(map(_complains, sentences)):
        return not _leads_a_log(lines, own) or any(map(_complains_plainly, sentences))
    return has_clues and any(map(_OF_ONESELF.search, sentences))


def asks_for_something_new(lines: Sequence[Line]) -> bool:
    """Say whether a short text asks for a feature or for its date, and nothing is amiss in it."""
    said = [line.text[:_LONGEST] for line in lines if line.text.strip()]
    if len(said) > _MOST_LINES_OF_A_WISH or not any(map(_WISH.search, said)):
        return False
    return not any(map(_NOT_A_WISH.search, said))


def says_all_is_well(lines: Sequence[Line]) -> bool:
    """Say whether a short text tells that it works, and nothing against it."""
    said = [line.text[:_LONGEST] for line in lines if line.text.strip()]
    if sum(map(len, said)) > _LONGEST_OF_NEWS or not any(map(_SOLVED.search, said)):
        return False
    left = [_SOLVED.sub("", each) for each in said]
    return not any(
        pattern.search(each) for pattern in (_YET, _NOT_A_WISH, _PLAIN_COMPLAINT) for each in left
    )


def is_a_page(lines: Sequence[Line]) -> bool:
    """Say whether a text is one that explains something: it has a title, in Markdown."""
    said = (line.text for line in lines if line.text.strip())
    return next((text for text in said if not text.startswith("<!--")), "").startswith("# ")


def _is_a_report(lines: Sequence[Line]) -> bool:
    """Say whether a few lines below a title, without further ones, tell of what it says fails."""
    said = [line.text for line in lines if line.text.strip()]
    return (
        len(said) <= _MOST_LINES_OF_A_WISH
        and sum(text.startswith("#") for text in said) == 1
        and _TITLE_OF_A_REPORT.match(said[0]) is not None
    )


def ends_vaguely(lines: Sequence[Line], clues: Collection[str]) -> bool:
    """Say whether a short text says no more than that something is amiss."""
    said = [line.text[:_LONGEST] for line in lines if line.text.strip()]
    if len(said) > _FEW_LINES or any(map(_PARTICULAR.search, said)):
        return False
    return _SAYING_NOTHING.issuperset(clues)


def _adds_a_complaint(lines: Sequence[Line]) -> bool:
    """Say whether a person's words on his own machine or model end what he has pasted."""
    last = next((line for line in reversed(lines) if line.text.strip()), None)
    if last is None or last.body != last.text or is_passed_on(last.text):
        return False
    text = last.text[:_LONGEST]
    if _CHINESE.search(text):
        before = lines[-2].text if lines[-1] is last and len(lines) > 1 else "said"
        return (
            not before.strip()
            and _CHINESE_CONTRAST.search(text) is not None
            and _CHINESE_COMPLAINT.search(text) is not None
            and any(each.isdecimal() for each in text)
            and is_about_models([last])
        )
    return (
        _MYSELF.search(text) is not None
        and _CONTRAST.search(text) is not None
        and any(each.isdecimal() for each in text)
        and is_about_models([last])
    )


def _stands_apart(lines: Sequence[Line], own: Sequence[int]) -> bool:
    """Say whether the first words have a paragraph of their own, as a library gives none to its."""
    return own[0] + 1 < len(lines) and not lines[own[0] + 1].text.strip()


def _leads_a_log(lines: Sequence[Line], own: Sequence[int]) -> bool:
    """Say whether the only sentence stands right above other lines, as a library's does."""
    if len(own) > 1 or own[0] + 1 >= len(lines):
        return False
    text = lines[own[0]].text
    is_short = len(text) <= _LONGEST_OF_A_LIBRARY and not _CHINESE.search(text)
    return is_short and bool(lines[own[0] + 1].text.strip())


def _follows_a_program(lines: Sequence[Line], own: Sequence[int]) -> bool:
    """Say whether a program spoke before, so that a model may have generated the rest."""
    return any(map(_is_of_a_program, lines[: own[0]]))


def _is_of_a_program(line: Line) -> bool:
    text = line.text[:_LONGEST]
    return line.body != line.text or _BAR in text or is_library_sentence(text)


def _own(lines: Sequence[Line], *, known: bool) -> list[int]:
    """Return the places of a person's sentences; none where only libraries speak."""
    short = sum(1 for line in lines if line.text.strip()) <= _FEW_LINES
    least = _FEWEST_WORDS_OF_A_REMARK if short else _FEWEST_WORDS
    share = _PLAIN_SHARE_OF_A_REMARK if short else _PLAIN_SHARE
    own = [
        _is_sentence(line, least=least, share=share) or (short and _is_remark(line, known=known))
        for line in lines
    ]
    if not short and _is_heading(lines):
        own[0] = True
    length = sum(len(line.text) for line in lines)
    said = sum(len(line.text) for line, sentence in zip(lines, own, strict=True) if sentence)
    words_first = any(own[place] for place in islice(_before_the_log(lines, own), _HEAD))
    if not words_first and said < _MUCH * length:
        return []
    return [place for place, sentence in enumerate(own) if sentence]


def _is_heading(lines: Sequence[Line]) -> bool:
    """Say whether the first line is a few words with an empty line below."""
    return not lines[1].text.strip() and _is_sentence(
        lines[0], least=_FEWEST_WORDS_OF_A_HEADING, share=_PLAIN_SHARE
    )


def _before_the_log(lines: Sequence[Line], own: Sequence[bool]) -> Iterator[int]:
    """Yield the places of a person's first words; blank lines, headings, libraries are skipped."""
    for place, line in enumerate(lines):
        text = line.text.strip()
        heading = (
            text.startswith("#")
            or text in _LEFT_EMPTY
            or _ITEM_OF_A_FORM.match(text) is not None
            or (text.startswith("**") and _BOLD_HEADING.match(text) is not None)
            or (len(text.split()) <= _HEADING and text.isalpha())
            or is_library_sentence(line.text[:_LONGEST])
        )
        if own[place]:
            yield place
        elif text and not heading:
            return


def _is_sentence(line: Line, *, least: int, share: float) -> bool:
    """Say whether a line is mostly plain words, without what loggers put before."""
    text = line.text[:_LONGEST]
    if line.body != line.text or text.lstrip()[:1] in _NO_SENTENCE:
        return False
    is_chinese = len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS
    return (is_chinese or _is_plain(text, least, share)) and _is_own(text)


def _is_own(text: str) -> bool:
    """Say whether a line may be its writer's: no warning, no other's words."""
    return not (
        "Warning:" in text
        or text.startswith(_OF_A_DOCKERFILE)
        or is_passed_on(text)
        or is_library_sentence(text)
        or _ANSWER.match(text) is not None
        or _TABLE.search(text) is not None
        or (_CHINESE_COUNT.search(text) is not None and _CHINESE_DOUBT.search(text) is None)
    )


def _is_plain(text: str, least: int, share: float) -> bool:
    words = text.split()
    if len(words) < least:
        return False
    return sum(1 for word in words if _PLAIN_WORD.fullmatch(word)) >= share * len(words)


def _is_remark(line: Line, *, known: bool) -> bool:
    """Say whether part of a line is a person's, where there is little else: "... Why so slow?"."""
    text = line.text[:_LONGEST]
    if line.body != line.text or text.lstrip()[:1] in _NO_SENTENCE or not _is_own(text):
        return False
    if len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS_OF_A_REMARK:
        return _CHINESE_COMPLAINT.search(text) is not None
    parts = _BETWEEN_SENTENCES.split(text)
    return len(parts) > 1 and any(
        (known or _COMPLAINT.search(part))
        and _is_plain(part, _FEWEST_WORDS_OF_A_REMARK, _PLAIN_SHARE)
        for part in parts
    )


def _complains(text: str) -> bool:
    return (
        len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS
        or _CHINESE_COMPLAINT.search(text) is not None
        or _COMPLAINT.search(text) is not None
    )


def _complains_plainly(text: str) -> bool:
    return (
        _MYSELF.search(text) is not None
        or _CHINESE_COMPLAINT.search(text) is not None
        or (
            len(_CHINESE.findall(text)) >= _FEWEST_CHARACTERS
            and _CHINESE_PROGRESS.search(text) is None
        )
        or _PLAIN_COMPLAINT.search(text) is not None
        or _ASKS.search(text) is not None
    )


def _complains_of_a_result(text: str) -> bool:
    """Say whether words are on what a model gives: a text that one wrote is hardly so."""
    if _CHINESE_COMPLAINT.search(text):
        return True
    about = _RESULT.search(text) or _MYSELF.search(text)
    found = {each[0].casefold() for each in _PLAIN_COMPLAINT.finditer(text)}
    return about is not None and (bool(found - {"why"}) or _ASKS_WHY.match(text) is not None)
