"""The page on what `firstmile check` would have saved: cases of the casebook that it foresees."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstmile.check.unit import check_id, find_checks
from firstmile.knowledge.cases import Case, LabelSource
from firstmile.statistics.agreement import cohen_kappa
from firstmile.statistics.intervals import wilson_interval
from firstmile.taxonomy import Axis, Taxonomy

HEAD = "| root cause | cases | foreseen | share [95%] |\n|---|---:|---:|---|"
WHO = {
    LabelSource.PUBLISHED: "Cases with published labels",
    LabelSource.TWO_PASSES: "Cases chosen to show every kind of failure",
}
READINGS = Path(__file__).parent.parent / "bench" / "foreseen_readings.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What readers said of a case before the checks of today; the second read only some."""

    case: str
    first: bool
    second: bool | None


def foreseen_page(cases: Sequence[Case], taxonomy: Taxonomy, note: str) -> str:
    """Return the page; cases that nobody has looked at are counted and left out."""
    judged = [case for case in cases if case.foreseen_by or case.not_foreseen]
    lines = [
        note,
        "# What a check would have saved",
        "",
        f"{len(judged)} of the {len(cases)} cases of the [casebook](casebook.md) were gone "
        "through: "
        "would `firstmile check` have told of this failure before the run? Yes counts only where a "
        "named check fails or warns by a fact that was there before, where the report itself "
        "states that fact or its error proves it, and where following the remedy avoids this "
        "failure. What nobody found the cause of, what shows only while running, and what the "
        "condensed report does not state counts as not foreseen. The judgements stand in the "
        "cases' files (`foreseen_by`, `foreseen_from`, `not_foreseen`).",
        "",
        "That a check tells is measured, not believed: for every foreseen case "
        "`tests/check/test_foreseen_cases.py` builds machine, model and command from the facts of "
        "the report, runs the named checks on them, and asks for a failure or a warning with a "
        "remedy. That the report states the facts, and that the remedy helps, is a language-model "
        "reader's judgement.",
        "",
        *_earlier(judged),
    ]
    for source, title in WHO.items():
        own = [case for case in judged if case.label_source is source]
        if own:
            lines += ["", f"## {title}", "", *_table(own, taxonomy)]
    lines += ["", "## By check", "", *_by_check(judged)]
    return "\n".join(lines) + "\n"


def _earlier(cases: Sequence[Case]) -> Iterable[str]:
    """Say what readers found before, and how far two of them agreed."""
    readings = {each.case: each for each in _readings()}
    published = [case for case in cases if case.label_source is LabelSource.PUBLISHED]
    then = [readings[case.id].first for case in published if case.id in readings]
    now = [bool(case.foreseen_by) for case in published if case.id in readings]
    yield (
        "**These shares are no forecast.** Many checks were written after a first reading of these "
        "very cases, for facts that it found unlooked at. By the checks of that time "
        f"{sum(then)} of {len(then)} published cases were foreseen ({_share(then)}), now "
        f"{sum(now)} ({_share(now)}); on cases that nobody has seen yet the truth lies between."
    )
    both = [each for each in readings.values() if each.second is not None]
    first, second = [each.first for each in both], [bool(each.second) for each in both]
    same = [one == other for one, other in zip(first, second, strict=True)]
    kappa = cohen_kappa([int(one) for one in first], [int(one) for one in second])
    assert kappa is not None
    yield ""
    yield (
        f"A second reader judged {len(both)} published cases at that time without seeing what the "
        f"first had said: they agreed on {sum(same)} ({_share(same)}), Cohen's kappa "
        f"{kappa:.2f}; the first said yes of {sum(first)}, the second of {sum(second)}."
    )


def _readings() -> Iterable[Reading]:
    with READINGS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Reading(
                case=row["case"],
                first=row["first"] == "yes",
                second=row["second"] == "yes" if row["second"] else None,
            )


def _table(cases: Sequence[Case], taxonomy: Taxonomy) -> Iterable[str]:
    yield HEAD
    for term in taxonomy.classes(Axis.CAUSE):
        own = [case for case in cases if _class(case) == term.code]
        if own:
            yield _row(term.label, own)
    yield _row("**all**", cases)


def _class(case: Case) -> str:
    return str(case.classification.cause).partition("/")[0]


def _row(name: str, cases: Sequence[Case]) -> str:
    found = [bool(case.foreseen_by) for case in cases]
    return f"| {name} | {len(cases)} | {sum(found)} | {_share(found)} |"


def _share(found: Sequence[bool]) -> str:
    bounds = wilson_interval(sum(found), len(found))
    return f"{sum(found) / len(found):.2f} [{bounds.low:.2f}, {bounds.high:.2f}]"


def _by_check(cases: Iterable[Case]) -> Iterable[str]:
    counts = Counter(name for case in cases for name in case.foreseen_by)
    known = {check_id(check) for check in find_checks()}
    yield "| check | cases |\n|---|---:|"
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        assert name in known, name
        yield f"| [{name}](checks.md#{name}) | {count} |"
    yield ""
    yield f"{len(known - counts.keys())} further checks foresee none of these cases."
