"""Error lines in what users pasted, and the form in which two of them count as the same."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

LONGEST_LINE: Final = 600
MOST_LINES: Final = 60
FEWEST_WORDS: Final = 5

_NAMED: Final = re.compile(r"[\w.]{0,120}(?:Error|Exception|Interrupt|Fault)(?:\s*:|\()")
_SAID: Final = re.compile(
    r"(?:\w+: ){0,2}(?:fatal |internal |runtime |linker |import )?"
    r"(?:error\b|exception\b|fatal\b|undefined (?:reference|symbol)|no module named|unsupported "
    r"|unknown (?:model|argument|option)|\w{0,40}assert|错误|失败|异常|无法)",
    re.IGNORECASE,
)
_SAID_WITHIN: Final = re.compile(
    r"\berror: |\bundefined (?:reference|symbol)|\bassertion\b", re.IGNORECASE
)
_HARMLESS: Final = re.compile(r"\b(?:INFO|DEBUG|WARN|WARNING)\b|\b\w*Warning: ")
_FOLLOWS: Final = re.compile(
    r"stack ?trace|traceback|root cause|direct cause|during handling|asynchronously reported"
    r"|device-side assertions|for debugging consider|sigquit|exit code|exit status"
    r"|could not collect|for further information|most recent call|disabling|disabled"
    r"|fall(?:ing)? ?back|attach to process|watchdog|subprocess-exited|terminate called"
    r"|error executing method|building wheel|installable wheels|^file [\"<]|= |\) as e\b"
    r"|^(?:raise|return|assert|except|if|def|class|import|from|await|self\.|super\(|#)\b"
)
_STATUS: Final = re.compile(
    r"(?:cuda|hip|nccl|cublas|cudnn) (?:error|failure)|(?:cuda )?out of memory"
    r"|illegal memory access|device-side assert|no kernel image"
    r"|(?:failed|unable) to load model|error loading model"
    r"|internal server error|expecting value: line|cancelled by cancel scope|segmentation fault"
    r"|system error|system call \(|payload is not completed|broken pipe|timed out|timeout ?error"
    r"|connection (?:refused|reset)|engine ?core|enginedead|no such file or directory"
    r"|(?:failed|unable) to allocate|cannot allocate memory|assertion failed\W*$"
)
_LINE_NAMED: Final = re.compile(r"[\w.]{0,120}(?:error|exception|fault)(?:\s*:|\()")
_BARE_NAME: Final = re.compile(
    r"\b(?:runtime|value|type|key|attribute|import|assertion|index|os)error\b"
    r"|\bcore dumped\b|\bsegfault\b|段错误|核心已转储|显存不足|内存不足|\boom\b"
)
_FENCE: Final = re.compile(r" {0,3}(?:```|~~~)")
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_PREFIX: Final = re.compile(
    r"\s*(?:(?:\[[^\]\n]{1,60}\]|\([^()\n]{1,60}\)|<[^<>\n]{1,40}>|\d[\d:.,/TZ+-]*"
    r"|(?:INFO|DEBUG|WARNING|WARN|ERROR|CRITICAL|FATAL|E|W|I|F)\b:?"
    r"|[\w./-]{1,80}\.(?:py|cc|cpp|cu|h|c):\d+\]?:?|[|>$#*-]+)\s*)+"
)
_HEXADECIMAL: Final = re.compile(
    r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}\b"
)
_PATH: Final = re.compile(r"(?:[a-z]:)?(?:[/\\][\w.@+~-]+){2,}[/\\]?|\bhttps?://[^\s'\"<>]{1,300}")
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[a-z_]{2,}|[\u3400-\u9fff]")


class ErrorLine(msgspec.Struct, frozen=True):
    """One error line: as it stands in the text, and its fingerprint."""

    text: str
    fingerprint: str


def fingerprint(line: str) -> str:
    """Return the form in which two error lines count as the same.

    Lower case; without colors and the prefixes of loggers (time, level, process, place); with
    addresses, numbers and versions as `#`, and paths and links as `<path>`. Names of classes,
    functions, models and modules stay: they tell one error from another.
    """
    return _normalized(_without_prefix(line))


def error_lines(text: str) -> tuple[ErrorLine, ...]:
    """Return the error lines of a text that say enough to be told apart, each fingerprint once.

    A line that begins with the name of an exception counts anywhere; one that speaks of an error
    counts within fenced blocks, where programs speak and not people. Lines that only follow an
    error (pointers to a trace, advice on debugging), lines of source code, warnings, and lines of
    fewer than five words are passed over, and so is the bare status of a library that a hundred
    different faults end in (out of memory, illegal access, failed to load model). Those beyond
    the first sixty are not read.
    """
    return tuple(_found(text))


def without_particulars(text: str) -> str:
    """Return a text, in lower case, without links, paths and addresses: reports differ in them."""
    return _HEXADECIMAL.sub(" ", _PATH.sub(" ", text))


def without_status(text: str) -> str:
    """Return a text without the bare errors that a hundred different faults end in.

    Where a program says them the whole line goes, with the figures and the advice that follow
    (`RuntimeError: CUDA out of memory. Tried to allocate ...`); where a person does, the phrase.
    """
    return "\n".join(
        "" if _is_bare(line) else _STATUS.sub(" ", _BARE_NAME.sub(" ", line))
        for line in text.split("\n")
    )


def _is_bare(line: str) -> bool:
    said = _without_prefix(line.strip()[:LONGEST_LINE]).lower()
    return bool(_LINE_NAMED.match(said) and _STATUS.search(said))


def _found(text: str) -> Iterator[ErrorLine]:
    seen: set[str] = set()
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
            continue
        line = line.strip()
        if not 12 <= len(line) <= LONGEST_LINE:
            continue
        said = _without_prefix(line)
        if _HARMLESS.search(line[: len(line) - len(said) + 40]):
            continue
        if not (
            _NAMED.match(said) or (fenced and (_SAID.match(said) or _SAID_WITHIN.search(said)))
        ):
            continue
        form = _normalized(said)
        if (
            form in seen
            or len(_WORD.findall(form)) < FEWEST_WORDS
            or _FOLLOWS.search(form)
            or _STATUS.search(form)
        ):
            continue
        seen.add(form)
        yield ErrorLine(line, form)
        if len(seen) >= MOST_LINES:
            return


def _without_prefix(line: str) -> str:
    line = _ESCAPES.sub("", line)
    found = _PREFIX.match(line)
    return line[found.end() :] if found else line


def _normalized(line: str) -> str:
    text = _PATH.sub("<path>", line.lower())
    text = _HEXADECIMAL.sub("#", text)
    text = _NUMBER.sub("#", text)
    return _SPACE.sub(" ", text).strip(" \t.,;:!-|>*`")
