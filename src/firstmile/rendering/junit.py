"""An examination as JUnit XML, as CI servers show tests: a case a check."""

from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from firstmile.rendering.examination import (
    MARKS,
    Plain,
    accepted_words,
    capital,
    quoted,
    remarks,
    remedy_of,
)
from firstmile.rendering.inert import visible

_ELEMENTS: Final = {"fail": "failure", "warn": "failure", "error": "error", "skip": "skipped"}
_ORDER: Final = list(MARKS)


def as_junit(data: Plain) -> str:
    """Return one suite. A warning fails its case only where --fail-on warn says so.

    What was accepted is skipped, with its reason. A check that says several things is one case.
    """
    cases: dict[str, list[Plain]] = {}
    for each in data["findings"]:
        cases.setdefault(each["check"], []).append(each)
    told = [(check, *_case(found, data)) for check, found in sorted(cases.items())]
    count = {kind: sum(one[1] == kind for one in told) for kind in (*_ELEMENTS.values(), "")}
    head = (
        f'name="firstmile check" tests="{len(told)}" failures="{count["failure"]}" '
        f'errors="{count["error"]}" skipped="{count["skipped"]}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {head}>",
        f"<testsuite {head} timestamp={quoteattr(visible(data['started']).rstrip('Z'))} "
        f'time="{data["seconds"]:.3f}">',
        "<properties>",
        f'<property name="subject" value={_attribute(data["subject"])}/>',
        *(
            f"<property name={_attribute(name)} value={_attribute(one)}/>"
            for name, one in data["versions"].items()
        ),
        *(f'<property name="note" value={_attribute(one)}/>' for one in remarks(data)),
        "</properties>",
    ]
    for check, _, group, body in told:
        start = f"<testcase classname={_attribute(group)} name={_attribute(check)}"
        lines.append(f"{start}>{body}</testcase>" if body else f"{start}/>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>"]) + "\n"


def _case(found: Sequence[Plain], data: Plain) -> tuple[str, str, str]:
    """Return what becomes of a case: the element's name or nothing, its group, its body."""
    ordered = sorted(found, key=lambda one: _ORDER.index(one["outcome"]))
    worst = ordered[0]
    group = str(worst["group"])
    accepted = worst["suppressed"]
    if accepted is not None:
        return "skipped", group, f"<skipped message={_attribute(accepted_words(accepted))}/>"
    outcome = worst["outcome"]
    grave = [each for each in ordered if each["outcome"] in ("fail", "warn", "error")]
    text = "\n\n".join("\n".join(_lines(each)) for each in grave)
    if outcome == "warn" and data["fail_on"] != "warn":
        return "", group, f"<system-out>{_text(text)}</system-out>"
    element = _ELEMENTS.get(outcome)
    if element is None:
        return "", group, ""
    if element == "skipped":
        return element, group, f"<skipped message={_attribute(worst['message'])}/>"
    start = f"<{element} type={_attribute(MARKS[outcome])} message={_attribute(worst['message'])}>"
    return element, group, f"{start}{_text(text)}</{element}>"


def _lines(each: Plain) -> Iterable[str]:
    yield f"{MARKS[each['outcome']]} {visible(each['message'])}"
    yield from (quoted(one) for one in each["evidence"])
    if each["why"]:
        yield f"Why: {visible(capital(each['why']))}"
    remedy = remedy_of(each)
    if remedy:
        yield f"Fix: {visible(remedy)}"


def _attribute(text: str) -> str:
    return quoteattr(visible(str(text)))


def _text(text: str) -> str:
    return escape("\n".join(visible(line) for line in text.split("\n")))
