"""The keyword screen: a stated list, English and Chinese, and where its words stand in a text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

import msgspec

Place = Literal["word", "start", "end", "anywhere"]

_ALPHANUMERIC: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class Keyword(msgspec.Struct, frozen=True):
    """One word or phrase in lower case.

    `place` says how much of a word it must be: the whole of it, its start ("crash" in "crashes"),
    its end ("error" in "RuntimeError"), or anywhere, as in Chinese, which puts no space between
    words. Only ASCII letters and digits make a word go on, so that `CUDA_ERROR` and `出现error了`
    count.
    """

    text: str
    place: Place = "word"


class KeywordGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Keywords that stand for one thing, and why they are on the list."""

    name: str
    reason: str
    keywords: tuple[Keyword, ...]


class Hit(msgspec.Struct, frozen=True):
    """A keyword found in a text, from `start` up to but not including `end`."""

    keyword: str
    start: int
    end: int


def group_of(name: str, reason: str, **places: str) -> KeywordGroup:
    """Return a group from words divided by commas, one string a place."""
    keywords = tuple(
        Keyword(word.strip(), place)
        for place in ("word", "start", "end", "anywhere")
        for word in places.get(place, "").split(",")
        if word.strip()
    )
    return KeywordGroup(name=name, reason=reason, keywords=keywords)


KEYWORDS: Final[tuple[KeywordGroup, ...]] = (
    group_of(
        "named in the paper",
        "The three words the study named; inflections, and names of exceptions that end in them.",
        word="bug, bugs, buggy",
        start="crash",
        end="error, errors",
    ),
    group_of(
        "exceptions and their traces",
        "What a program prints when it gives up, and how it ends.",
        word="traceback, stacktrace, stack trace, backtrace, core dumped, fatal, illegal, "
        "exit code, exited, exits with, died, dies, sigkill, sigsegv, sigabrt, sigterm, "
        "terminated, out of bounds, not implemented, not defined, headertoolarge",
        start="segfault, segmentation fault, panic, abort",
        end="exception, exceptions, assert, assertion",
    ),
    group_of(
        "failing",
        "Says that something did not succeed.",
        start="fail, unable to, broken, breaks, corrupt, ignor",
        word="cannot, can't, can not, couldn't, could not, won't, doesn't work, does not work, "
        "don't work, didn't work, not working, not work, isn't working, no longer, "
        "stopped working, does not, doesn't, warning",
    ),
    group_of(
        "refused or not reached",
        "A download or a request that fails often shows only its status and a word or two.",
        word="401, 403, 404, 429, 502, 503, denied, refused, too many requests, bad gateway, "
        "unavailable, not available, connection reset, connection closed, connection lost, "
        "disconnected, unreachable, gated repo, no space left, disk full, quota exceeded",
        start="unauthori, forbid",
    ),
    group_of(
        "stopping",
        "A hang is a failure without an error message.",
        start="hang, freez, deadlock, timeout, timed out",
        word="hung, stuck, killed, never, stops, stands still, stalled, "
        "nothing happens, does nothing, unresponsive, no response, no effect, time out",
    ),
    group_of(
        "memory",
        "The most frequent single crash of the published study.",
        word="oom, out of memory, out-of-memory, not enough memory, insufficient memory, "
        "memory leak, too large, too small, runs out, ran out",
        end="outofmemory",
    ),
    group_of(
        "wrong output",
        "Incorrect output raises no error, and the three named words miss it.",
        word="wrong, incorrect, incorrectly, garbage, garbled, gibberish, nonsense, unexpected, "
        "unexpectedly, nan, nans, inconsistent, empty response, empty output, truncated, "
        "mismatch, mismatched, incoherent, not reproducible, weird, strange, poor, worse, "
        "no output, "
        "different output, unreadable, nonsensical, meaningless, mojibake, rubbish, "
        "exclamation marks, question marks, repeatedly, repeated, repeats, again and again, "
        "goes on alone, cut off, cut short, incomplete, inaccurate, erroneous, unstable, unknown, "
        "loss 0, loss is 0, at fault, is expected, loses, changes the answers, explosion, "
        "exploding",
        start="endless, infinite, repeating, repetit, hallucinat, overflow, diverg",
    ),
    group_of(
        "missing or refused",
        "Installation and loading failures often only say what was not there.",
        word="not found, no module named, no such file, undefined, unrecognized, unsupported, "
        "not supported, not support, not yet supported, invalid, missing, "
        "incompatible, conflict, conflicts, not compatible, not installed, not detected, "
        "only supports, not recognized, not handled, not loaded, not match, falls back",
    ),
    group_of(
        "slow",
        "Poor performance is a symptom of the study.",
        word="slow, slower, slowly, regression, degraded, degradation, low throughput, "
        "performance drop, degrades, too long, too much time, takes forever, crawls, far below",
    ),
    group_of(
        "trouble",
        "Vague words with which people who do not write English daily report failures. The plural "
        "of issue is left out: three of four texts it alone let through were requests.",
        word="issue, problem, problems, trouble",
    ),
    group_of(
        "Chinese: errors",
        "The Chinese for error, bug and crash, simplified and traditional.",
        anywhere="错误, 錯誤, 报错, 報錯, 出错, 出錯, 异常, 異常, 崩溃, 崩潰, 闪退, 死机, "
        "故障, 失败, 失敗, 失效, 中断, 终止, 損壞, 损坏, 當機, 閃退, 出问题, 挂了, 崩了, 爆了",
    ),
    group_of(
        "Chinese: not possible",
        "Says that something did not succeed, is not found or not supported.",
        anywhere="无法, 無法, 不能, 没法, 不行, 不成功, 找不到, 不存在, 缺失, 缺少, 不支持, "
        "不兼容, 冲突, 没有反应, 无响应, 没反应, 拒绝, 拒絕, 未授权, 权限, 權限, 禁止访问, 连不上, "
        "连接断开, 连接重置, 断开连接, 下载不了, 加载不了, 用不了, 打不开, 启动不了, 跑不起来, "
        "跑不通, "
        "起不来, 未找到, 没有找到, 不可用, 未安装, 不生效, 没有生效, 不识别, 不匹配, 丢失, 不支援, "
        "衝突",
    ),
    group_of(
        "Chinese: stopping and memory",
        "Hangs and memory that ran out.",
        anywhere="卡住, 卡死, 卡在, 挂起, 死锁, 超时, 一直不, 停不下来, 爆显存, 显存不足, "
        "显存不够, 内存不足, 内存不够, 溢出, 内存泄漏, 爆内存, 死循环, 卡顿, 一直卡, 不停, "
        "不会停止, "
        "逾時, 記憶體不足, 顯存不足, 被杀",
    ),
    group_of(
        "Chinese: wrong output and slow",
        "Failures that raise no error.",
        anywhere="乱码, 胡言乱语, 不正确, 不对, 有误, 不一致, 不符, 重复输出, 一直重复, 无限重复, "
        "输出为空, 感叹号, 没有输出, 很慢, 太慢, 变慢, 缓慢, 下降, 亂碼, 重复, 重複, 复读, "
        "答非所问, "
        "胡说, 乱说, 截断, 不完整, 不正常, 效果差, 很差, 变差, 没有任何输出, 非常慢, 更慢, 速度慢, "
        "太久, 很久",
    ),
    group_of(
        "Chinese: trouble",
        "Vague words with which failures are reported; the second is the adverb of surprise.",
        anywhere="问题, 問題, 为什么, 為什麼, 怎么回事, 求助",
    ),
)


@dataclass(frozen=True, slots=True)
class KeywordScreen:
    """A list of keywords made ready for many texts."""

    groups: tuple[KeywordGroup, ...]
    _ascii: tuple[Keyword, ...] = field(init=False)
    _other: tuple[Keyword, ...] = field(init=False)

    def __post_init__(self) -> None:
        every = list(dict.fromkeys(word for group in self.groups for word in group.keywords))
        object.__setattr__(self, "_ascii", tuple(each for each in every if each.text.isascii()))
        object.__setattr__(self, "_other", tuple(each for each in every if not each.text.isascii()))

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return every place where a keyword stands, in order of place, then of length."""
        lowered = _lowered(text)
        hits = [hit for keyword in self._candidates(lowered) for hit in _places(keyword, lowered)]
        return tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end)))

    def passes(self, text: str) -> bool:
        """Say whether any keyword stands in a text; stops at the first."""
        lowered = _lowered(text)
        return any(
            next(_places(keyword, lowered), None) is not None
            for keyword in self._candidates(lowered)
        )

    def present(self, text: str) -> frozenset[str]:
        """Return the keywords that stand in a text, each once."""
        lowered = _lowered(text)
        return frozenset(
            keyword.text
            for keyword in self._candidates(lowered)
            if next(_places(keyword, lowered), None) is not None
        )

    def _candidates(self, lowered: str) -> Iterator[Keyword]:
        for keyword in self._ascii:
            if keyword.text in lowered:
                yield keyword
        if not lowered.isascii():
            for keyword in self._other:
                if keyword.text in lowered:
                    yield keyword


@cache
def keyword_screen(groups: tuple[KeywordGroup, ...] = KEYWORDS) -> KeywordScreen:
    """Return the screen of a list, made once."""
    return KeywordScreen(groups)


def find_keywords(text: str, groups: tuple[KeywordGroup, ...] = KEYWORDS) -> tuple[Hit, ...]:
    """Return every place where a keyword of the list stands in a text."""
    return keyword_screen(groups).find(text)


def screen_texts(texts: Iterable[str], groups: tuple[KeywordGroup, ...] = KEYWORDS) -> list[bool]:
    """Say for each text whether it holds a keyword."""
    passes = keyword_screen(groups).passes
    return [passes(text) for text in texts]


def own_keywords(words: Sequence[str]) -> KeywordGroup:
    """Return the group of a study's own words: whole words in ASCII, anywhere in other scripts.

    A word that ends in an asterisk is a start ("crash*"), one that begins with it an end.
    """
    keywords = []
    for given in words:
        word = _lowered(given.strip())
        bare = word.strip("*")
        if not bare:
            continue
        place: Place = "word" if bare.isascii() else "anywhere"
        if word.startswith("*") and word.endswith("*"):
            place = "anywhere"
        elif word.endswith("*"):
            place = "start"
        elif word.startswith("*"):
            place = "end"
        keywords.append(Keyword(bare, place))
    return KeywordGroup(
        name="of this study", reason="Named in study.toml.", keywords=tuple(keywords)
    )


def _lowered(text: str) -> str:
    lowered = text.lower()
    if len(lowered) != len(text):
        # The dotted capital I is the one character that grows, which would shift every place.
        lowered = text.replace("\u0130", "i").lower()
    return lowered.replace("\u2019", "'") if not lowered.isascii() else lowered


def _places(keyword: Keyword, lowered: str) -> Iterator[Hit]:
    """Yield where a keyword stands; time is linear, since each search goes on after the last."""
    text, place, length = keyword.text, keyword.place, len(keyword.text)
    at = lowered.find(text)
    while at >= 0:
        end = at + length
        begins = place in ("end", "anywhere") or at == 0 or lowered[at - 1] not in _ALPHANUMERIC
        ends = (
            place in ("start", "anywhere")
            or end == len(lowered)
            or lowered[end] not in _ALPHANUMERIC
        )
        if begins and ends:
            yield Hit(text, at, end)
        at = lowered.find(text, end)
