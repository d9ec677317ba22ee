"""Takes out of a report what its tracker's form put there: it gives the class away.

A title that begins `[Bug]:` was filed through the bug form, and that alone is right nine times in
ten, so a classifier or keyword screen measured on whole reports would be measured on the form.
Every rule says what it takes and why. All of them are linear in the text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Final

MINIMUM_FREQUENCY: Final = 5
FREQUENT_SHARE: Final = 0.005
FEWEST_WORDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is taken out: what, why, and the function that does it to a body."""

    name: str
    reason: str
    strip: Callable[[str], str]


_TAG: Final = re.compile(r"\s*(?:\[[^\[\]\n]{1,60}\]|【[^【】\n]{1,60}】)\s*[:：\-]?\s*")
_CLASS_WORD: Final = re.compile(
    r"\s*(?:(?:eval|compile|misc\.?|runtime|model|ui|build)\s+)?"
    r"(?:bug(?:\s+report)?|feature(?:\s+request)?|enhancement|request|question|usage|help(?:\s+wanted)?"
    r"|installation|performance|doc|docs|documentation|rfc|misc|misc\.|discussion|proposal|refactor"
    r"|research|roadmap|idea|suggestion|q|user|issue|support|new\s+model|ci(?:\s+failure)?|build"
    r"|regression|task|tracking(?:\s+issue)?|问题|提问|求助|建议|需求|功能请求)\s*[:：]\s*",
    re.IGNORECASE,
)
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING: Final = re.compile(r" {0,3}#{1,6}(?:[ \t]+|$)")
_BOLD_LINE: Final = re.compile(r"[ \t]{0,3}(?:\*\*|__)[^*_\n]{1,120}(?:\*\*|__)[ \t]*[:：]?[ \t]*")
_CHECK: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ \txXyYvV✓✔√*]{0,3}\][ \t]*")
_ENVIRONMENT: Final = re.compile(
    r"environment|operating system|name and version|hardware|ggml backend|python version"
    r"|system info|version info|platform|extensions|collect_env|installed packages"
    r"|运行环境|环境|系统信息",
    re.IGNORECASE,
)
_PROGRAM: Final = re.compile(
    r"traceback|exception|^\S*error:|[={};]|\w\(|\b\w+\.\w+\.\w+|: \S+$|^\W*file "
)
_DUMP_MARKS: Final = ("Is debug build:", "collect_env", "Collecting environment information")
_PLACEHOLDERS: Final = frozenset(
    {"_no response_", "no response", "n/a", "<details>", "</details>", "shell", "_无响应_"}
)


def strip_title(title: str) -> str:
    """Return a title without the tags and class words it begins with.

    Tags in square brackets, `[Bug]` as well as `[V1]`, and words such as `Feature Request:` are
    taken while there are any; names of exceptions (`ImportError:`) stay. A title that is nothing
    else becomes empty.
    """
    at = 0
    while found := _TAG.match(title, at) or _CLASS_WORD.match(title, at):
        at = found.end()
    return title[at:].strip()


def strip_body(body: str, boilerplate: Set[str] = frozenset()) -> str:
    """Return a body without what `RULES` take, nor the lines in `boilerplate`."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    for rule in RULES:
        text = rule.strip(text)
    if boilerplate:
        text = "\n".join(line for line in text.split("\n") if _plain(line) not in boilerplate)
    return text.strip()


def screening_text(title: str, body: str, boilerplate: Set[str] = frozenset()) -> str:
    """Return what the keyword screen reads: the title as it is, and the stripped body.

    The title's tag is the reporter's own word. The form's headings and checklists are not: bug
    and question forms alike ask whether "the bug" was searched for.
    """
    return f"{title}\n{strip_body(body, boilerplate)}"


def frequent_lines(
    bodies: Iterable[str],
    *,
    share: float = FREQUENT_SHARE,
    minimum: int = MINIMUM_FREQUENCY,
) -> frozenset[str]:
    """Return the sentences that so many of a repository's issues hold that a form wrote them.

    A line counts once an issue, and only outside fenced blocks and tracebacks: programs repeat
    themselves too, and what they say is kept. It is frequent in at least `minimum` issues and
    `share` of them. Hand in the issues of one repository at a time: a form belongs to one.
    """
    counts: Counter[str] = Counter()
    total = 0
    for body in bodies:
        total += 1
        counts.update(
            {
                plain
                for block, fenced in _blocks(body.replace("\r\n", "\n"))
                if not fenced
                for line in block
                if _is_sentence(plain := _plain(line))
            }
        )
    needed = max(minimum, share * total)
    return frozenset(line for line, count in counts.items() if count >= needed)


def _is_sentence(plain: str) -> bool:
    """Say whether a line reads as prose: a program's output has its colons, digits and paths."""
    words = plain.split(" ")
    letters = sum(map(str.isalpha, plain))
    return (
        len(plain) <= 600
        and (len(words) >= FEWEST_WORDS or not plain.isascii())
        and letters >= 0.6 * len(plain)
        and not _PROGRAM.search(plain)
    )


def _plain(line: str) -> str:
    return " ".join(line.split()).casefold()


def _strip_comments(text: str) -> str:
    """Take HTML comments; one that is never closed runs to the end, as browsers read it."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(parts)
        at = end + 3
    parts.append(text[at:])
    return "".join(parts)


def _strip_environment(text: str) -> str:
    """Take sections whose heading names the environment, and fenced collect_env dumps."""
    kept: list[str] = []
    skipping = False
    for block, fenced in _blocks(text):
        if not fenced and _HEADING.match(block[0]):
            skipping = len(block[0]) <= 120 and bool(_ENVIRONMENT.search(block[0]))
        dump = fenced and any(mark in line for line in block for mark in _DUMP_MARKS)
        if not skipping and not dump:
            kept.extend(block)
    return "\n".join(kept)


def _strip_details(text: str) -> str:
    """Take collapsed blocks whose first line names the environment; one left open is kept."""
    parts, at = [], 0
    while (start := text.find("<details", at)) >= 0:
        end = text.find("</details>", start)
        if end < 0:
            break
        summary = text[start : min(end, start + 200)]
        parts.append(text[at:start])
        at = end + len("</details>")
        if not _ENVIRONMENT.search(summary):
            parts.append(text[start:at])
    parts.append(text[at:])
    return "".join(parts)


def _strip_headings(text: str) -> str:
    return _without(text, lambda line: bool(_HEADING.match(line) or _BOLD_LINE.fullmatch(line)))


def _strip_checks(text: str) -> str:
    return _without(text, lambda line: bool(_CHECK.match(line)))


def _strip_placeholders(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if _plain(line) not in _PLACEHOLDERS)


def _without(text: str, unwanted: Callable[[str], bool]) -> str:
    """Drop lines outside fences: a `#` inside one is a comment of a shell or of Python."""
    return "\n".join(
        line for block, fenced in _blocks(text) for line in block if fenced or not unwanted(line)
    )


def _blocks(text: str) -> Iterable[tuple[Sequence[str], bool]]:
    """Yield runs of lines: a whole fenced block, or lines outside that begin at a heading."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            lines.append(line)
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
                yield lines, True
                lines, fence = [], ""
        elif mark:
            if lines:
                yield lines, False
            lines, fence = [line], mark[1]
        else:
            if lines and _HEADING.match(line):
                yield lines, False
                lines = []
            lines.append(line)
    if lines:
        yield lines, bool(fence)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="HTML comments",
        reason="Forms hide their instructions in them; readers never see them.",
        strip=_strip_comments,
    ),
    Rule(
        name="environment sections and collect_env dumps",
        reason="Bug forms ask for them and feature forms do not.",
        strip=_strip_environment,
    ),
    Rule(
        name="collapsed environments",
        reason="Editors and engines paste versions, extensions and hardware into bug reports.",
        strip=_strip_details,
    ),
    Rule(
        name="headings",
        reason='A heading such as "Describe the bug" names the form.',
        strip=_strip_headings,
    ),
    Rule(
        name="checklists",
        reason="Each form has its own, and bug forms write the word bug into every report.",
        strip=_strip_checks,
    ),
    Rule(
        name="placeholders",
        reason="What a form writes where the user wrote nothing.",
        strip=_strip_placeholders,
    ),
)
