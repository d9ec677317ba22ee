"""`firstmile check --list`: every check by the cause that it foresees."""

from collections.abc import Iterable

from firstmile.check.stated import Stated
from firstmile.rendering.inert import visible
from firstmile.taxonomy import Axis, load_taxonomy
from firstmile.ui.text import bold, dim, wrapped


def check_lines(checks: Iterable[Stated]) -> list[str]:
    """Return each check by its id, and what is as it should be where it passes."""
    lines = []
    for one in checks:
        lines.append(f"  {visible(one.id)}")
        lines += [dim(line) for line in wrapped(one.good_state, indent="    ")]
    return lines


def listing(checks: Iterable[Stated]) -> list[str]:
    """Return the lines of the list: checks by their causes, in the codebook's order."""
    by_cause: dict[str, list[Stated]] = {}
    for one in checks:
        by_cause.setdefault(one.cause, []).append(one)
    count = sum(map(len, by_cause.values()))
    lines = []
    for term in load_taxonomy().of(Axis.CAUSE):
        if term.code in by_cause:
            head = f"{bold(term.label)}  {dim(term.code)}"
            lines += [head, *check_lines(by_cause[term.code]), ""]
    ways = "firstmile explain ID explains one, firstmile check --only ID or CAUSE runs some"
    return [*lines, f"{count} checks: {ways}."]
