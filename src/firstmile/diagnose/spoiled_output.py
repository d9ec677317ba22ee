"""Spoiled output: what a model wrote that no reader needs words to call wrong, named in words.

One sign or word without end, special tokens alone, bytes read in the wrong encoding, nothing at
all: no line says that something failed, and signs have no name that signatures or a classifier of
words could know. What stands in place of an answer counts: after a prompt or a label, in a reply
of a server, or where a person pastes nothing else. Logs are full of bars, masks and tables.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from firstmile.diagnose.passing_on import is_passed_on
from firstmile.diagnose.reading import Line
from firstmile.redaction.rule import Late

ONE_SIGN: Final = " (garbled: meaningless signs)"
ONE_WORD: Final = " (the same words over and over again)"
ENCODED_WRONGLY: Final = " (garbled characters)"
NOTHING: Final = " (the answer is an empty string of the model)"
"""What is added to a line, by what is wrong with it."""

_WORDS: Final = (ONE_SIGN, ONE_WORD, ENCODED_WRONGLY, NOTHING)

_LONGEST: Final = 4_000
_LONGEST_REMARK: Final = 160
_FEWEST_SIGNS: Final = 16
_FEWEST_WORDS: Final = 10
_MOST_DISTINCT: Final = 5
"""One in so many words or characters is another one, at most, in what goes round in circles."""
_FEWEST_CHARACTERS: Final = 24
_SHORTEST_OF_WORDS: Final = 18
_SPECIALS: Final = 6
_FEWEST_SPECIALS: Final = 3
_FEWEST_ALIKE: Final = 6
_PROMPT: Final = ">>> "
_SIGNS_OF_CODE: Final = frozenset("()[]{}=")
_RUN: Final = re.compile(r"([A-Za-z!！?？@])\1{15}")
_STEP: Final = 8
_PAIR: Final = re.compile(r"([A-Za-z!！?？@])\1")
_FRAMED: Final = 8
"""Lines between two of one sign that make a banner of them."""

_LABEL: Final = Late(
    r"(?i)(?:^\W{0,3}(?:(?:model|the|final|raw|full|llm|模型|的) ?){0,2}|\b(?=generated text)|"
    r"(?<=[,;] ))(?:outputs?|generated(?: text)?|generation|responses?|answers?|assistant|"
    r"completions?|repl(?:y|ies)|chatbot|a|回答|输出|回复|答|生成(?:结果)?|助手)"
    r"(?: ?\d{1,3}| text| is)?\W{0,2}[:：=>](?!=)\s*(?P<said>.*)$"
)
_FIELD: Final = Late(
    r"[\"'](?:content|text|response|generated_text|output_text|answer)[\"']: ?"
    r"(?:\"(?P<double>(?:[^\"\\]|\\.){0,3000})\"?|'(?P<single>(?:[^'\\]|\\.){0,3000})'?)"
)
_QUESTION: Final = Late(
    r"(?i)^\s*(?:>(?:>>)? \S|(?:user|human|you|prompt|question|query|input|q|用户|问题?|提问|输入)"
    r" ?\d{0,3}\W{0,2}[:：]\s*\S|\$ (?:curl|ollama run|llama-cli|\./))|\bchat/completions\b"
)
_ASKED_TO_REPEAT: Final = Late(
    r"(?i)\brepeat\b|\b(?:write|say|print|type|draw)\b.{0,60}\b(?:\d{1,5}|ten|twenty|fifty|"
    r"hundred|many)\b.{0,20}\b(?:times|zeros|letters|words|characters)\b|重复.{0,40}[遍次]"
)
_SOUNDS: Final = frozenset("哈呵嘿嘻嘎汪喵咩哞啊呀嗷呜轰咚嗒啦啪滴答咔噗唔嗯哦喔")
_LONGEST_SOUND: Final = 60
"""Signs of a laugh or a cry: what goes on for longer is no sound that a model was asked for."""
_FENCE: Final = re.compile(r"\s*(?:```|~~~)")
_SIGN: Final = re.compile(r"[^\W\d_AaFfXx]|[!！?？@�]")
"""Signs of which a run is no mask, bar, line, or part of a key or dump."""
_IS_WORD: Final = re.compile(r"[^\W\d_]|<|\[[A-Z]|[!！@]")
_FILLER: Final = frozenset(
    (
        *("nan", "none", "null", "true", "false", "n/a", "na", "inf", "-inf", "ok", "pass", "x"),
        *("passed", "skip", "skipped", "-", "o"),
    )
)
"""What stands in tables again and again."""
_SPECIAL: Final = re.compile(
    r"(?:(?:<[|｜]?/?[\w▁]{1,40}[|｜]?>|\[(?:PAD\d{0,7}|UNK|unused\d{1,7})\])\s*){6,}|"
    r"(?:\[PAD\d{0,7}\]\s*){3,}"
)
_OF_OTHER_BYTES: Final = ("锟斤拷", "烫烫烫")
_MOJIBAKE: Final = Late(
    r"(?:[ä-ïãÃÂ][\x80-¿ŠŒŽšœžŸˆ˜–—‘’‚“”„†‡•…‰‹›€™\s]{0,2}[¡-¿ŠŒŽšœžŸˆ˜‚„†‡•‰‹›€™]){2,}|"
    rf"{'|'.join(_OF_OTHER_BYTES)}"
)
"""Bytes of UTF-8 as the signs that they are in Windows' Western encoding."""
_REPLY: Final = Late(r"[\"']object[\"']: ?[\"'](?:chat\.completion|text_completion)[\"']")
_EMPTY: Final = Late(r"[\"'](?:content|text)[\"']: ?(?:\"\"|'')")
_SAYS_MORE: Final = Late(
    r"[\"'](?:tool_calls|function_call)[\"']: ?[\[{]\s*[^\]\s]|"
    r"[\"']reasoning(?:_content)?[\"']: ?[\"'][^\"']|[\"'](?:content|text)[\"']: ?[\"'][^\"']|"
    r"[\"'](?:done_reason|finish_reason)[\"']: ?[\"'](?:load|error|abort)"
)
_EMPTY_PART: Final = re.compile(r"\s*[\"'](?:content|text)[\"']: ?(?:\"\"|''),?\s*$")
_LONGEST_REPLY: Final = 40
"""Lines of a reply before its text, and after it."""
_EMPTY_LABEL: Final = Late(
    r"(?i)(?:\bgenerated text|^\W{0,3}(?:(?:model|the|模型) ?)?(?:response|answer|assistant|reply|"
    r"completion|回答|回复|模型输出)) ?\d{0,3}[:：=] ?(?:''|\"\")\s*,?$"
)
_OF_ANY_PROGRAM: Final = Late(r"(?i)^\W{0,3}(?:the )?(?:response|reply|completion|answer)\b")
"""Labels that clients of all kinds write, whose answers may be empty."""
_WRONG: Final = (
    r"(?:garbled|garbage|gibberish|nonsense|meaningless|exclamation marks?|unreadable|"
    r"random (?:characters|symbols|tokens|words|letters)|!{4,}|G{4,}|\?{4,})"
)
_REMARK: Final = Late(
    r"(?i)\b(?:outputs?|answers?|repl(?:y|ies)|responses?|results?|generations?|generates?|model|"
    r"completions?|prints?|produces?|returns?|(?:it|he) (?:gives?|writes?|says?)|text)\b.{0,60}\b"
    rf"{_WRONG}|^\W*(?:only |just |all |pure )?{_WRONG}\W*(?:outputs?|answers?|text)\b|"
    r"(?:输出|回答|回复|生成|结果|返回|推理|模型).{0,12}(?:乱码|感叹号|叹号|胡言乱语|无意义|没有意义|"
    r"(?:全|都|一直|只)是?[!！G]{3,})|(?:全|都|一直|总)是?(?:乱码|感叹号|叹号|胡言乱语)"
)
_OF_ANOTHER_CASE: Final = Late(
    r"(?i)\b(?:fix\w*|resolv\w+|avoid\w*|prevent\w*|no|not|never|without|no longer|if|"
    r"when(?:ever)? you|may|might|could|would|can|test\w*|score|detect\w*|filter\w*|rate|was|"
    r"were|had)\b|n't\b|garbage.collect|"
    r"修复|解决|避免|防止|没有(?!意义)|不再|不是|如果|可能|检测|过滤|会不会|[=:：] ?[\d\[{]"
)


def shows(lines: Sequence[Line]) -> bool:
    """Say whether one of some lines, as they are meant, holds spoiled output."""
    return any(line.text.endswith(")") and line.text.endswith(_WORDS) for line in lines)


def is_spoken_of(lines: Sequence[Line]) -> bool:
    """Say whether a person's first or last words tell of spoiled output, as it is now."""
    said = [line for line in lines if line.text.strip()]
    return any(
        len(line.text) <= _LONGEST_REMARK
        and line.body == line.text
        and _REMARK.search(line.text) is not None
        and _OF_ANOTHER_CASE.search(line.text) is None
        and not is_passed_on(line.text)
        for line in (*said[:1], *said[-1:])
    )


def named(lines: Sequence[Line]) -> Mapping[int, str]:
    """Return the places of spoiled output, each with the words for it."""
    found = dict(_named(lines))
    if not found or any(words != NOTHING for words in found.values()):
        return found
    answered = any(_has_words(line.text[:_LONGEST]) for line in lines)
    return {} if answered else found


def _named(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    yield from _same_lines(lines)
    suspects = _suspects(lines)
    if not suspects:
        return
    said = [place for place, line in enumerate(lines) if line.text.strip()]
    is_alone = sum(not _FENCE.match(lines[place].text) for place in said) == 1
    for place in suspects:
        text = lines[place].text[:_LONGEST]
        bare = text.strip().strip("`\"'“”").strip()
        if _says_nothing(text):
            if not _OF_ANY_PROGRAM.search(text) or _is_asked_for(lines, place):
                yield place, NOTHING
            continue
        if _says_nothing_in_parts(lines, place):
            yield place, NOTHING
            continue
        if _is_boxed(lines, place) or _is_asked_to_repeat(lines, place):
            continue
        parts = [*_labelled(text)]
        if not parts and (is_alone or _is_asked_for(lines, place)):
            parts = [bare]
        words = next(filter(None, map(_what_is_wrong, parts)), None)
        if words is None and _is_marks(bare) and not _is_framed(lines, place):
            words = ONE_SIGN
        if words is not None:
            yield place, words


def _same_lines(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the second of many lines alike right below a question at a model's prompt."""
    for place in range(1, len(lines) - _FEWEST_ALIKE + 1):
        text = lines[place].text
        if (
            lines[place - 1].text.startswith(_PROMPT)
            and _SIGNS_OF_CODE.isdisjoint(lines[place - 1].text)
            and " " in text
            and text == lines[place + 1].text
            and all(line.text == text for line in lines[place : place + _FEWEST_ALIKE])
            and _IS_WORD.match(text) is not None
        ):
            yield place + 1, ONE_WORD


def _suspects(lines: Sequence[Line]) -> list[int]:
    """Return the places of lines that are worth a closer look; most texts have none."""
    texts = [line.text for line in lines]
    whole = "\n".join(texts)
    # Two of every eighth sign are alike where sixteen are.
    has_runs = _PAIR.search(whole[::_STEP]) is not None and _RUN.search(whole) is not None
    has_marks = "''" in whole or '""' in whole or ">" in whole or "[" in whole
    is_ascii = whole.isascii()
    return [
        place
        for place, text in enumerate(texts)
        if (len(text) > _SHORTEST_OF_WORDS and _may_repeat(text))
        or (has_runs and _RUN.search(text) is not None)
        or (has_marks and _has_marks(text))
        or (not is_ascii and not text.isascii() and _may_be_spoiled(text))
    ]


def _may_repeat(text: str) -> bool:
    words = text.split()
    return len(words) >= _FEWEST_WORDS and len(set(words)) * 2 <= len(words)


def _has_marks(text: str) -> bool:
    return (
        "''" in text
        or '""' in text
        or text.count(">") >= _SPECIALS
        or text.count("]") >= _FEWEST_SPECIALS
    )


def _may_be_spoiled(text: str) -> bool:
    return "�" in text or len(set(text)) * 2 < len(text) or _may_be_mojibake(text)


def _may_be_mojibake(text: str) -> bool:
    return _MOJIBAKE.search(text[:_LONGEST]) is not None


def _labelled(text: str) -> Iterator[str]:
    """Yield what a line says that a model wrote."""
    for field in _FIELD.compiled.finditer(text):
        yield field["double"] or field["single"] or ""
    if label := _LABEL.search(text):
        yield label["said"].strip().strip("`\"'“”").strip()


def _is_asked_for(lines: Sequence[Line], place: int) -> bool:
    """Say whether a question or a label stands right before a line."""
    for before in range(place - 1, max(place - 4, -1), -1):
        text = lines[before].text[:_LONGEST]
        if not text.strip() or _FENCE.match(text):
            continue
        if _QUESTION.search(text):
            return True
        label = _LABEL.search(text)
        return label is not None and not label["said"].strip("\"' ")
    return False


def _what_is_wrong(said: str) -> str | None:
    """Return the words for what a model wrote, if it is nothing that one could read."""
    if _is_one_sign(said):
        return ONE_SIGN
    if _SPECIAL.fullmatch(said) or _goes_in_circles(said):
        return ONE_WORD
    if any(map(_is_no_word, _MOJIBAKE.compiled.findall(said))):
        return ENCODED_WRONGLY
    if said.count("�") >= 3 and said.count("�") * 4 >= len(said):
        return ENCODED_WRONGLY
    return None


def _is_no_word(signs: str) -> bool:
    """Say whether signs are more than letters, as of the Czech "snížíš"."""
    return signs in _OF_OTHER_BYTES or not "".join(signs.split()).isalpha()


def _is_one_sign(text: str) -> bool:
    return (
        len(text) >= _FEWEST_SIGNS
        and len(set(text) - {" "}) == 1
        and _SIGN.match(text) is not None
        and not (text[0] in _SOUNDS and len(text) <= _LONGEST_SOUND)
    )


def _is_marks(text: str) -> bool:
    """Say whether a line is a run of the sign that is the first of many vocabularies."""
    return text[:1] in ("!", "！") and _is_one_sign(text)


def _goes_in_circles(said: str) -> bool:
    words = said.casefold().split()
    if len(words) >= _FEWEST_WORDS and len(set(words)) * _MOST_DISTINCT <= len(words):
        most = Counter(words).most_common(1)[0][0]
        is_label = len(most) == 1 and most.isascii() and most.isalnum()
        is_word = not is_label and most.strip(".,;|") not in _FILLER
        return is_word and _IS_WORD.match(most) is not None
    signs = "".join(words)
    return (
        len(words) <= 2
        and len(signs) >= _FEWEST_CHARACTERS
        and len(set(signs)) * (_MOST_DISTINCT + 1) <= len(signs)
        and all(map(str.isalpha, set(signs)))
        and not signs.isascii()
        and not (len(signs) <= _LONGEST_SOUND and _SOUNDS.issuperset(signs))
    )


def _is_framed(lines: Sequence[Line], place: int) -> bool:
    """Say whether a line of one sign is the edge of a banner: another one like it is near."""
    own = lines[place].text.strip()
    near = range(max(place - _FRAMED, 0), min(place + _FRAMED + 1, len(lines)))
    others = [each for each in near if each != place and lines[each].text.strip() == own]
    return any(
        any(
            lines[between].text.strip() not in ("", own)
            for between in range(min(place, other) + 1, max(place, other))
        )
        for other in others
    )


def _is_boxed(lines: Sequence[Line], place: int) -> bool:
    """Say whether a line is the edge of a box: the next one or the one before has its sides."""
    own = lines[place].text.strip()
    sign = own[:1]
    if not sign or own.strip(sign):
        return False
    near = (lines[each].text.strip() for each in (place - 1, place + 1) if 0 <= each < len(lines))
    return any(
        text != own and len(text) > 1 and text[0] == text[-1] == sign and text.strip(sign)
        for text in near
    )


def _is_asked_to_repeat(lines: Sequence[Line], place: int) -> bool:
    """Say whether one of the lines right before a line asks for what is said again and again."""
    return any(
        _ASKED_TO_REPEAT.search(lines[before].text[:_LONGEST]) is not None
        and _QUESTION.search(lines[before].text[:_LONGEST]) is not None
        for before in range(max(place - 3, 0), place)
    )


def _says_nothing(text: str) -> bool:
    if _EMPTY_LABEL.search(text):
        return True
    return (
        _EMPTY.search(text) is not None
        and _REPLY.search(text) is not None
        and _SAYS_MORE.search(text) is None
    )


def _says_nothing_in_parts(lines: Sequence[Line], place: int) -> bool:
    """Say whether a line is the empty text of a reply that is printed over several lines."""
    if _EMPTY_PART.match(lines[place].text) is None:
        return False
    first, last = place, place
    while first > max(place - _LONGEST_REPLY, 0) and lines[first].text[:1] != "{":
        first -= 1
    end = min(place + _LONGEST_REPLY, len(lines) - 1)
    while last < end and lines[last].text[:1] != "}":
        last += 1
    reply = " ".join(line.text.strip()[:_LONGEST] for line in lines[first : last + 1])
    return _REPLY.search(reply) is not None and _SAYS_MORE.search(reply) is None


def _has_words(text: str) -> bool:
    """Say whether a line shows an answer that is not empty: one of many may be."""
    if _REPLY.search(text) is not None:
        return _SAYS_MORE.search(text) is not None
    label = _LABEL.search(text)
    return label is not None and len(label["said"].strip("\"' ")) > 1
