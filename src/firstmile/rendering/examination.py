"""An examination as text for a terminal: what fails first, PASS folded, grouped by cause."""

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from firstmile.findings import Evidence, Examination, Finding, Outcome
from firstmile.rendering.inert import visible

Words = Callable[[str], str]

MARKS: Final[Mapping[Outcome, str]] = {
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
    Outcome.WARN: "WARN",
    Outcome.PASS: "PASS",
    Outcome.SKIP: "SKIP",
}
"""Outcomes in the order in which they are shown."""


def as_text(
    examination: Examination,
    *,
    labels: Mapping[str, str],
    width: int = 100,
    all_of_it: bool = False,
    bold: Words = str,
    dim: Words = str,
) -> str:
    """Return lines for a terminal, in which nothing that was read acts.

    `labels` gives the codebook's wording of a cause's class. Unless `all_of_it`, what passed and
    what was skipped stand in one line.
    """
    lines = [bold(visible(examination.subject)), ""]
    shown = [Outcome.FAIL, Outcome.ERROR, Outcome.WARN]
    shown += [Outcome.PASS, Outcome.SKIP] if all_of_it else []
    for title, findings in grouped(examination.of(*shown), labels):
        lines.append(bold(title))
        for each in findings:
            lines += _finding(each, width, bold, dim)
        lines.append("")
    lines += textwrap.wrap(summary(examination), width)
    return "\n".join(lines) + "\n"


def grouped(
    findings: Iterable[Finding], labels: Mapping[str, str]
) -> list[tuple[str, list[Finding]]]:
    """Return findings by the class of their cause, the gravest outcome first within each."""
    order = list(MARKS)
    groups: dict[str, list[Finding]] = {}
    for each in sorted(findings, key=lambda one: order.index(one.outcome)):
        cause = each.classification.cause if each.classification else None
        code = cause.partition("/")[0] if cause else ""
        groups.setdefault(labels.get(code, "firstmile itself"), []).append(each)
    return list(groups.items())


def summary(examination: Examination) -> str:
    """Return what came of it in one sentence."""
    counts = {outcome: len(examination.of(outcome)) for outcome in MARKS}
    parts = [
        f"{counts[Outcome.FAIL]} will fail",
        f"{counts[Outcome.WARN]} may go wrong",
        f"{counts[Outcome.PASS]} are as they should be",
        f"{counts[Outcome.SKIP]} do not apply or are not known",
    ]
    if counts[Outcome.ERROR]:
        parts.insert(1, f"{counts[Outcome.ERROR]} broke in firstmile itself")
    return f"{'; '.join(parts)}. {examination.seconds:.2f} s."


def _finding(each: Finding, width: int, bold: Words, dim: Words) -> list[str]:
    mark = f"{MARKS[each.outcome]:<5}"
    first, *rest = textwrap.wrap(visible(each.message), width - 8) or [""]
    lines = [f"  {bold(mark)} {first}", *(f"{'':8}{line}" for line in rest)]
    lines += [dim(f"        {_quoted(one)}") for one in each.evidence]
    if each.remedy:
        lines += [f"        {line}" for line in textwrap.wrap(visible(each.remedy), width - 8)]
    if each.outcome not in (Outcome.PASS, Outcome.SKIP):
        lines.append(dim(f"        firstmile explain {each.source}"))
    return lines


def _quoted(one: Evidence) -> str:
    place = f"{visible(one.file)}: " if one.file else ""
    return f"{place}{visible(one.text)}"
