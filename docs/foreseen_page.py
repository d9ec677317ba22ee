"""The page on what `firstmile check` would have saved: cases of the casebook that it foresees."""

from collections import Counter
from collections.abc import Iterable, Sequence

from firstmile.check.unit import check_id, find_checks
from firstmile.knowledge.cases import Case, LabelSource
from firstmile.statistics.intervals import wilson_interval
from firstmile.taxonomy import Axis, Taxonomy

HEAD = "| root cause | cases | foreseen | share [95%] |\n|---|---:|---:|---|"
WHO = {
    LabelSource.PUBLISHED: "Cases with published labels",
    LabelSource.TWO_PASSES: "Cases chosen to show every kind of failure",
}


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
        "condensed report does not state counts as not foreseen. One language-model reader judged "
        "each case; the judgements stand in the cases' files (`foreseen_by`, `foreseen_from`, "
        "`not_foreseen`). Checks were partly written with such reports in mind, which flatters.",
    ]
    for source, title in WHO.items():
        own = [case for case in judged if case.label_source is source]
        if own:
            lines += ["", f"## {title}", "", *_table(own, taxonomy)]
    lines += ["", "## By check", "", *_by_check(judged)]
    return "\n".join(lines) + "\n"


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
    found = sum(bool(case.foreseen_by) for case in cases)
    bounds = wilson_interval(found, len(cases))
    share = f"{found / len(cases):.2f} [{bounds.low:.2f}, {bounds.high:.2f}]"
    return f"| {name} | {len(cases)} | {found} | {share} |"


def _by_check(cases: Iterable[Case]) -> Iterable[str]:
    counts = Counter(name for case in cases for name in case.foreseen_by)
    known = {check_id(check) for check in find_checks()}
    yield "| check | cases |\n|---|---:|"
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        assert name in known, name
        yield f"| [{name}](checks.md#{name}) | {count} |"
    yield ""
    yield f"{len(known - counts.keys())} further checks foresee none of these cases."
