"""Ending: whether a process that is seen to fail goes on afterwards, and comes to a good end."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final

from firstmile.diagnose.passing_on import is_passed_on
from firstmile.diagnose.raised import Raised
from firstmile.diagnose.reading import Line
from firstmile.redaction.rule import Late

_LONGEST: Final = 4_000
_WORKED: Final = 6
"""Steps logged after an exception by which it was caught: fewer may be another process's."""
_WORKED_ON: Final = 2
"""Steps after an error that raises nothing, such as a program's that was called beside."""
_TAIL: Final = 12
_ENDED_BADLY: Final = Late(
    r"(?i)segmentation fault|core dumped|\bsig(?:segv|kill|abrt|bus|ill)\b|"
    r"exit(?:ed with)? ?code:? -?[1-9]|exitcode *: *-?[1-9]|\breturn ?code *[=:]? *-?[1-9]|"
    r"\bout of memory\b|"
    r"(?-i:\bKilled\b)|\bkilled (?:process|by)\b|\b(?:was|is|been|(?<!will )(?<!would )(?<!may )"
    r"(?<!might )(?<!can )be|gets?|got|oom|were|being) "
    r"killed\b|(?-i:\bAborted\b)(?! request)|\b(?:job|process|run|was|been|signal:) aborted\b|"
    r"(?<!recovered: )(?<!recovered from )\bpanic(?:ked)?\b|\bfailed liveness probe\b|"
    r"\bassertion failed: \S{0,40}[A-Za-z(]|\bggml_assert\(.{1,200}\) failed|terminate called|"
    r"\bfatal error\b|\bfailedscheduling\b|\bcrashloopbackoff\b|\bimagepullbackoff\b"
)
_ENDINGS: Final = (
    *(
        "segmentation fault",
        "core dumped",
        "sig",
        "exit",
        "out of memory",
        "return",
        "killed",
        "panic",
    ),
    *("terminate called", "ggml_assert", "fatal error", "aborted", "failedscheduling", "backoff"),
    *("failed liveness", "assertion failed"),
)
"""One of these stands in every text that `_ENDED_BADLY` finds."""
_SAYS_ERROR: Final = Late(
    r"(?i)^(?:[\w./-]{1,60}: ){0,3}(?:error|fatal)(?:\[\w{1,20}\])?: |"
    r"^\S{1,120}:\d{1,6}: (?:fatal )?error: |^E: |^Exception in thread \"|"
    r"^ssh: connect to host |^docker: (?:error|permission denied|cannot)\b|\[onnxruntimeerror\] |"
    r"^failed \S{1,200}::|^=* ?[1-9]\d{0,5} failed[, ].{0,120}\bin \d|"
    r"\b(?:failed|unable) to load\b|: command not found\b"
)
"""What programs write that raise nothing, such as pip, shells and llama.cpp."""
_WARNED_OF: Final = "##[warning]"
"""Before what a runner of workflows sees fail and goes on after."""
_TRACEBACK: Final = "Traceback (most recent call last):"
_NO_END: Final = Late(r"(?i)^\s*exception ignored in\b")
"""What stands before the tracebacks of finalizers, which end nothing."""
_ENDED_WELL: Final = Late(
    r"(?i)'train_runtime'|\"train_runtime\"|\btrain_runtime *[=:]|'train_loss': |"
    r"\b(?:training|evaluation|conversion|quantization|finetuning|fine-tuning|inference|"
    r"export|benchmark|download)\b.{0,20}\b(?:complete[d!]?|finished|done|succeeded)\b|"
    r"训练(?:完成|结束)|\bexit(?:ed with)? ?(?:code|status):? 0\b|exitcode *: *0\b|"
    r"\bexits? successfully\b|\bsuccessfully (?:installed|built|exported|saved|uploaded|loaded|"
    r"finished|completed|trained|converted|quantized)\b|"
    r"\b(?:model|checkpoint|adapter|weights|tokenizer|results?)s? (?:was |were |is |are |been )?"
    r"(?:saved|written|uploaded|exported)\b|\bsav(?:ing|ed) (?:pre-trained )?(?:the )?(?:final )?"
    r"(?:model|checkpoint|adapter|weights) (?:checkpoint )?(?:to|in|into|at)\b|"
    r"\bapplication startup complete\b|\bserver is (?:listening|fired up|ready)\b|"
    r"\bpost[: ] ?\S{0,80}[ \"].{0,40}\b200\b|\| 200 \|.{0,80}\bpost\b|"
    r"=+ \d+ passed\b|\bprocessed prompts: +100%"
)
_GOOD_ENDINGS: Final = (
    *("train_", "complete", "finished", "done", "succeeded", "训练", "exit", "successfully"),
    *("saved", "written", "uploaded", "exported", "saving", "server is", "200", "passed"),
    "processed",
)
"""One of these stands in every text that `_ENDED_WELL` finds."""
_REFUSED: Final = Late(
    r"\b(?:500 Internal Server Error|400 Bad Request)\b|\bException in ASGI application\b"
)
"""A server goes on after these; who sent the request has no answer all the same."""
_GONE: Final = Late(
    r"(?i)\bexit(?:ed with)?(?: exit)? ?(?:code|status)[:=]? *-?[1-9]|exitcode *: *-?[1-9]|"
    r"\bstatus=[1-9]\d*(?:/\w+)?|\breturn ?code *[=:]? *-?[1-9]|"
    r"\bcore dumped\b|\bxid\b.{0,40}: \d|\bsig(?:kill|segv|bus|abrt)\b|\bdue to time limit\b"
)
"""A process that is gone: what is written afterwards is another's."""
_OTHERS: Final = Late(
    r"^\s*(?:\(\S{1,40}\) )?(?:\S{1,60}@\S{1,60}:?\S{0,80} ?[$#%>]|[$>%] |\+ \w|"
    r"[A-Z]:\\\S{0,80}> ?\w)|"
    r"^(?!.{0,200}exception)(?=.{0,200}(?i:\b(?:works?|fine|smaller|larger|another|other|earlier|"
    r"previous|yesterday|before|comparison|instead|without)\b|[\u3400-\u9fff]))"
    r"[^\d=\[\]{}|]{6,200}[:：]\s*$"
)
"""A shell's prompt, or words of a person about what follows: lines of another program come next."""
_GOING: Final = ("exit", "status=", "return", "core dumped", "xid", "sig", "time limit")
"""One of these stands in every text that `_GONE` finds."""
_PROMPTS: Final = frozenset(("$ ", "> ", "% ", "+ "))
_INSTALLED: Final = "successfully installed"
"""Good news below the messages of an installer, none below an exception."""
_PROBE: Final = Late(r"(?i)[ \"/](?:health\w*|ping|metrics|ready\w*|live\w*|favicon\.ico)\b")
_STEP: Final = Late(
    r"(?i)(?:\b|_)loss\b['\"]? *[=:|]? *['\"]?-?\d|\bstep[ :=]+\d+|"
    r"\bthroughput\b.{0,40}\d"
)
_NO_NUMBER: Final = Late(r"(?i)loss['\"]? *[=:]? *['\"]?-?(?:nan|inf)\b")


_MARKS_OF_FAILURE: Final = re.compile(
    "error|fatal|e: |exception|ssh|to load|command not|traceback|segm|core d|sig|exit|"
    r"out of mem|return|killed|panic|ggml_assert|terminate|abort|failedsch|backoff|docker: |"
    r"failed liveness|assertion failed|failed \S+::|\d failed[, ]"
)
_MARKS_OF_SUCCESS: Final = re.compile("|".join(map(re.escape, _GOOD_ENDINGS)))
_MARKS_OF_STEPS: Final = re.compile("loss|step|throughput")
_MARKS_OF_REFUSAL: Final = re.compile("500 internal|400 bad|asgi application")


def ends_badly(line: Line) -> bool:
    """Say whether a line is what a process writes that fails."""
    text = line.text[:_LONGEST]
    if text.lstrip().startswith(_TRACEBACK):
        return True
    if _WARNED_OF in text:
        return False
    if not (_SAYS_ERROR.search(text) or _SAYS_ERROR.search(line.body[:_LONGEST])):
        folded = text.casefold().replace("\u0131", "i")
        if not any(each in folded for each in _ENDINGS) or _ENDED_BADLY.search(text) is None:
            return False
    return not is_passed_on(text)


class Course:
    """What became of a process, as its lines tell."""

    def __init__(self, lines: Sequence[Line], raised: Sequence[Raised]) -> None:
        """Take the lines, and the exceptions that they show."""
        self._lines = lines
        self._folded = _Folded(lines)
        self._last_good = _last_good(lines, self._folded, is_asked_about=bool(raised))
        self._asides = frozenset(_asides(lines, raised))
        self._named = frozenset(
            place for each in raised for place in range(each.first, each.last + 1)
        )
        self._raised = tuple(
            each.last
            for each in raised
            if each.last not in self._asides and not is_passed_on(lines[each.last].text)
        )

    @property
    def fails(self) -> bool:
        """Whether a line says that something failed, after which nothing goes on."""
        if any(not self.overcomes(place) for place in self._raised):
            return True
        return any(
            place not in self._asides
            and ends_badly(self._lines[place])
            and not self.overcomes(place)
            for place in self._folded.places_of(_MARKS_OF_FAILURE)
        )

    @property
    def ends_well(self) -> bool:
        """Whether one of the last lines says that the work is done, and none fails after it."""
        left = [place for place, line in enumerate(self._lines) if line.text.strip()][-_TAIL:]
        if not left:
            return False
        last = self._lines[left[-1]]
        ends = (place for (file, _), place in self._last_good.items() if file == last.file)
        return max(ends, default=-1) >= left[0] and not self.fails

    def overcomes(self, place: int) -> bool:
        """Say whether the work goes on after a line, or that line belongs to nothing."""
        line = self._lines[place]
        if place in self._asides:
            return True
        if _GONE.search(line.text[:_LONGEST]):
            return False
        good = self._last_good.get((line.file, line.rank), -1)
        if good > place and not self._is_another(place, good):
            return True
        steps = self._steps.get((line.file, line.rank), [])
        begin = bisect_right(steps, place)
        enough = _WORKED if place in self._named else _WORKED_ON
        if len(steps) - begin < enough:
            return False
        after = bisect_right(self._starts, place)
        end = self._starts[after] if after < len(self._starts) else len(self._lines)
        return bisect_right(steps, end) - begin >= enough

    def _is_another(self, place: int, good: int) -> bool:
        """Say whether another program was started between a failure and a good line."""
        last = bisect_right(self._starts, good) - 1
        return last >= 0 and self._starts[last] > place

    @cached_property
    def _starts(self) -> Sequence[int]:
        """The places of lines after which another program may write."""
        return [
            place for place, line in enumerate(self._lines) if _starts_another(line.text[:_LONGEST])
        ]

    @cached_property
    def _steps(self) -> Mapping[tuple[str | None, int | None], list[int]]:
        """The places of lines that tell of steps, in order, for each file and rank."""
        found: dict[tuple[str | None, int | None], list[int]] = {}
        for place in self._folded.places_of(_MARKS_OF_STEPS):
            line = self._lines[place]
            if _STEP.search(line.text[:_LONGEST]):
                found.setdefault((line.file, line.rank), []).append(place)
        return found


class _Folded:
    """Lines in lower case, to be searched all at once: few are worth a closer look of their own."""

    def __init__(self, lines: Sequence[Line]) -> None:
        texts = [line.text[:_LONGEST] for line in lines]
        self._count = len(texts)
        self._whole = "\n".join(texts).lower()
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        # A letter of few scripts is longer in lower case.
        self._is_aligned = len(self._whole) == max(self._starts[-1] - 1, 0)

    def places_of(self, marks: re.Pattern[str]) -> list[int]:
        """Return the places of lines that may hold one of some marks, in order."""
        if not self._is_aligned:
            return list(range(self._count))
        found = dict.fromkeys(
            bisect_right(self._starts, match.start()) - 1 for match in marks.finditer(self._whole)
        )
        return list(found)


def _starts_another(text: str) -> bool:
    """Say whether another program may write after a line: few lines are worth a search."""
    bare = text.rstrip()
    if bare.endswith((":", "：")) or "@" in text or text.lstrip()[:2] in _PROMPTS or ":\\" in text:
        return _OTHERS.search(text) is not None or _GONE.search(text) is not None
    folded = text.casefold()
    return any(each in folded for each in _GOING) and _GONE.search(text) is not None


def _last_good(
    lines: Sequence[Line], folded: _Folded, *, is_asked_about: bool
) -> dict[tuple[str | None, int | None], int]:
    """Return for each file and rank the place of the last line that says that the work is done.

    Where a request was refused that `is_asked_about`, answers to others say nothing.
    """
    refused = is_asked_about and any(
        _REFUSED.search(lines[place].text[:_LONGEST])
        for place in folded.places_of(_MARKS_OF_REFUSAL)
    )
    found: dict[tuple[str | None, int | None], int] = {}
    for place in reversed(folded.places_of(_MARKS_OF_SUCCESS)):
        key = (lines[place].file, lines[place].rank)
        if key in found:
            continue
        text = lines[place].text[:_LONGEST]
        if (refused and "200" in text) or (is_asked_about and _INSTALLED in text.casefold()):
            continue
        if _ENDED_WELL.search(text) and not _PROBE.search(text) and not _NO_NUMBER.search(text):
            found[key] = place
    return found


def _asides(lines: Sequence[Line], raised: Sequence[Raised]) -> Iterator[int]:
    """Yield the places of tracebacks that a finalizer prints."""
    for each in raised:
        before = each.first - 1
        if before >= 0 and _NO_END.search(lines[before].body):
            yield from range(each.first, each.last + 1)
