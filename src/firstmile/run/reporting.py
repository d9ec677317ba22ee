"""The bug report of a failed run: redacted Markdown, in the form that the project asks for."""

import os
import re
import shlex
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from firstmile.facts.environment import Environment
from firstmile.facts.listing import gib, listed
from firstmile.redaction import owners, redact, redact_words, without_owners
from firstmile.rendering import inert
from firstmile.rendering.inert import visible
from firstmile.run.forms import Form, FormSection, form_for
from firstmile.run.outcome import Run

WORTH_SAYING_BYTES: Final = 512 * 1024**2
FIRST_LINES: Final = 30
LAST_LINES: Final = 170
LONGEST_LINE: Final = 500
LONGEST_OUTPUT: Final = 36_000
"""Characters of a line and of the output; issues hold 65,536 characters in all."""
KILLED: Final = "The process was killed by SIGKILL."
"""Less than the `Killed` of a shell, which is mostly read as the kernel's for lack of memory."""

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]{0,8}[0-~])"
)

_PARTED: Final = re.compile(
    r"((?:(?m:^)Traceback \(most recent call last\):|(?m:^)  File \"[^\"\n]{1,400}\", line \d{1,9}"
    r"(?:, in [^\n]{1,200})?)\n)\n{1,8}(?= {2,4}\S)"
)
"""A traceback that an empty line of the other stream parts: none of its own stands there."""


_OF_FAILURE: Final = re.compile(r"(?i)error|exception|traceback|fail|错误|失败")


def told_text(run: Run) -> str:
    """Return what is known of a failed run as one text for a diagnosis: what it wrote first.

    Then follows what a shell, the kernel's log and an observer would have added to it.
    """
    added = [*run.quiet, *(run.kill.lines if run.kill is not None else ())]
    number = run.ending.signal
    if not run.stopped_by_request:
        if run.ending.is_kill:
            added += [] if run.kill is not None else [KILLED]
        elif number is not None:
            added.append(signal.strsignal(number) or f"signal {number}")
    says_so = _OF_FAILURE.search(run.text) is not None
    if number is None and run.ending.status and not run.ending.is_kill and says_so:
        # However well its last lines sound: that it failed is known.
        added.append(f"exited with code {run.ending.status}")
    text = run.text if run.text.endswith("\n") or not run.text else f"{run.text}\n"
    return text + "".join(f"{line}\n" for line in added)


def report_text(run: Run, environment: Environment, *, diagnosis: str = "") -> str:
    """Return the report of a run. Everything in it is redacted; the user is asked to look.

    Folders called as the account that runs us are redacted too: whose they are is known here.
    """
    form = form_for(run.command, run.text)
    pieces = _pieces(run, environment, diagnosis.strip())
    lines = [
        f"<!-- Written by firstmile {environment.firstmile} run. Secrets, names, hosts and "
        "personal paths were taken out as far as they are known: read it before you post it. -->",
        *_where(form),
    ]
    for section in form.sections:
        # A heading of ours that has nothing to say; those of a project's form all stay.
        if form.address is None and not section.ask and not any(map(pieces.get, section.holds)):
            continue
        lines += ["", f"### {section.heading}", *_section(section, pieces)]
    return without_owners("\n".join(lines) + "\n", owners(os.environ))


def _where(form: Form) -> Iterator[str]:
    if form.address is not None:
        begins = f" The title begins with {form.title.strip()!r}." if form.title else ""
        yield f"<!-- For {form.name}: {form.address}.{begins} -->"


def _section(section: FormSection, pieces: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in section.holds:
        if pieces[name]:
            yield ""
            yield from pieces[name]
    if section.ask is not None:
        yield from ("", f"<!-- Yours to add: {section.ask} -->")
    if section.tick:
        yield ""
        yield from (f"- [ ] {line}" for line in section.tick)


def _pieces(run: Run, environment: Environment, diagnosis: str) -> dict[str, list[str]]:
    """Return the pieces that sections hold, by name, as lines of Markdown."""
    shown = excerpt(run.text)
    facts = []
    for heading, pairs in listed(environment):
        facts += ["", f"{heading}:", *(f"  {name}: {value}" for name, value in pairs)]
    return {
        "ending": list(_ending(run)),
        "command": fenced(command_line(run.command), language="shell"),
        "program": fenced(Path(run.command[0]).name),
        "output": fenced(shown) if shown else ["It wrote nothing."],
        "diagnosis": folded("What firstmile diagnose says", diagnosis) if diagnosis else [],
        "environment": folded("What firstmile facts says", "\n".join(facts[1:])),
        "system": _value(environment, "System", "system"),
        "gpu": _value(environment, "Accelerators", "GPU"),
        "cpu": _value(environment, "Hardware", "CPU"),
    }


def command_line(command: Sequence[str]) -> str:
    """Return a command as a shell takes it, each argument redacted before it is quoted.

    Quotes within quotes hide from redaction what they hold, and an option tells of the argument
    behind it whether that is a secret.
    """
    return shlex.join(redact_words([_ESCAPES.sub("", argument) for argument in command]))


def _ending(run: Run) -> Iterator[str]:
    yield f"It ended after {run.seconds:.1f} s with {run.ending.sentence()}."
    if run.largest_bytes is not None and run.largest_bytes >= WORTH_SAYING_BYTES:
        yield f"The largest of its processes held {gib(run.largest_bytes)} of memory."
    if run.kill is not None:
        yield from run.kill.sentences
        if run.kill.lines:
            yield ""
            yield from fenced("\n".join(run.kill.lines))
    for observation in run.quiet:
        yield ""
        yield from fenced(observation)


def _value(environment: Environment, heading: str, name: str) -> list[str]:
    pairs = dict(listed(environment)).get(heading, ())
    found = [value for known, value in pairs if known == name or known.startswith(f"{name} ")]
    return fenced(found[0] if found else "not known")


def excerpt(text: str) -> str:
    """Return the first and the last lines of an output, without colors and overwritten bars.

    All of it is redacted before anything is cut: half a secret is no longer known as one.
    """
    seen = _PARTED.sub(r"\1", "\n".join(_seen(line) for line in text.split("\n")))
    cleaned = [_shortened(line) for line in redact(seen).text.split("\n")]
    if cleaned and not cleaned[-1]:
        cleaned.pop()
    left_out = len(cleaned) - FIRST_LINES - LAST_LINES
    if left_out > 0:
        marked = f"[{left_out} lines left out]"
        cleaned = [*cleaned[:FIRST_LINES], marked, *cleaned[-LAST_LINES:]]
    shown = "\n".join(cleaned)
    if len(shown) <= LONGEST_OUTPUT:
        return shown
    end = LONGEST_OUTPUT * 4 // 5
    left_out = len(shown) - LONGEST_OUTPUT
    return f"{shown[: LONGEST_OUTPUT - end]}\n[{left_out} characters left out]\n{shown[-end:]}"


def _seen(line: str) -> str:
    return _ESCAPES.sub("", line.rstrip("\r")).rpartition("\r")[2]


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def fenced(text: str, *, language: str = "text") -> list[str]:
    """Return redacted text as a block of code that nothing in it can end."""
    lines = [visible(line) for line in redact(_ESCAPES.sub("", text)).text.split("\n")]
    return inert.fenced(lines, language=language)


def folded(summary: str, text: str) -> list[str]:
    """Return redacted text that a reader opens."""
    return ["<details>", f"<summary>{summary}</summary>", "", *fenced(text), "", "</details>"]
