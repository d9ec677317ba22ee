"""An examination as Markdown, for an issue or a chat."""

from collections.abc import Sequence
from typing import Final

from firstmile.rendering.examination import (
    MARKS,
    Plain,
    accepted_words,
    capital,
    context_words,
    costs,
    grouped,
    named,
    places,
    quoted,
    remedy_of,
    shown,
    summary,
    why_no_memory,
)
from firstmile.rendering.inert import visible

_ACTIVE: Final = frozenset("\\`*_[]#|~@&")
"""Characters that Markdown, tables, mentions or references to issues give a meaning.

Parentheses and exclamation marks have one beside brackets alone; bare addresses are broken apart.
"""


def as_markdown(data: Plain, *, all_of_it: bool = False) -> str:
    """Return Markdown in which nothing that was read acts: what is quoted is a block of code."""
    lines = ["## firstmile check", "", *fenced([visible(data["subject"])]), "", f"{summary(data)}"]
    for title, findings in grouped(shown(data, all_of_it=all_of_it)):
        lines += ["", f"### {inert(title)}"]
        for each in findings:
            lines += _finding(each)
    lines += _smallest_change(data)
    lines += _memory(data)
    lines += _not_seen(data, all_of_it=all_of_it)
    versions = ", ".join(f"{inert(name)} {inert(each)}" for name, each in data["versions"].items())
    return "\n".join([*lines, "", f"{versions}; {inert(data['started'])}"]) + "\n"


def _finding(each: Plain) -> list[str]:
    lines = ["", f"**{MARKS[each['outcome']]}** {inert(each['message'])}"]
    if each["evidence"]:
        lines += ["", *fenced([quoted(one) for one in each["evidence"]])]
    if each["suppressed"] is not None:
        lines += ["", inert(accepted_words(each["suppressed"]))]
    if each["why"]:
        lines += ["", f"**Why:** {with_code(capital(each['why']))}"]
    remedy = remedy_of(each)
    if remedy:
        lines += ["", f"**Fix:** {with_code(remedy)}"]
    known = ", ".join(f"`{visible(one)}`" for one in each["entries"])
    more = f"; known failures: {known}" if known else ""
    return [*lines, "", f"`{visible(each['check'])}`{more}"]


def _smallest_change(data: Plain) -> list[str]:
    change = data["smallest_change"]
    if change is None:
        return []
    lines = [
        "",
        f"### {'The smallest change that works' if change['command'] else 'No change works'}",
    ]
    lines += ["", inert(change["because"])]
    if change["hardware"]:
        lines += ["", inert(change["hardware"])]
    if change["steps"]:
        lines += ["", *(f"- {inert(step)}" for step in change["steps"])]
    if change["loses"]:
        lines += ["", inert(costs(change))]
    if change["command"]:
        lines += ["", *fenced([visible(change["command"])])]
    return lines


def _memory(data: Plain) -> list[str]:
    memory = data["memory"]
    if memory is None:
        said = why_no_memory(data)
        return ["", f"Memory is not known: {inert(said)}."] if said else []
    lines = ["", "### Memory", "", "| | |", "|---|---|"]
    for name, total, parts in places(memory):
        lines.append(f"| **{inert(name)}** | {inert(total)} |")
        lines += [f"| {inert(part)} | {inert(amount)} |" for part, amount in parts]
    return [*lines, "", inert(context_words(memory))]


def _not_seen(data: Plain, *, all_of_it: bool) -> list[str]:
    lines: list[str] = []
    if data["not_understood"]:
        lines += ["", "Not understood of the command, and not judged:", ""]
        lines += fenced([visible(one) for one in data["not_understood"]])
    for one in data["expired_suppressions"]:
        said = f"The suppression of {one['check']} ended on {one['until']}: it counts again."
        lines += ["", inert(said)]
    missing = data["not_known"]
    if missing and all_of_it:
        lines += ["", "Could not be looked at:", ""]
        lines += [f"- {inert(one['what'])}: {inert(one['reason'])}" for one in missing]
    elif missing:
        model = [one["reason"] for one in missing if one["what"] == "model"]
        lines += [f"\nThe model could not be looked at: {inert(reason)}." for reason in model]
        names = named(missing)
        lines += ["", f"Could not be looked at: {inert(', '.join(names))}."] if names else []
    return lines


def inert(text: str) -> str:
    """Return text in which nothing is markup, a mention, an address or HTML."""
    spelled = "".join(f"\\{one}" if one in _ACTIVE else one for one in visible(text))
    return spelled.replace("<", "&lt;").replace(">", "&gt;").replace("://", "\\://")


def with_code(text: str) -> str:
    """Return a text of ours, in which what stands between backquotes is code."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:
        return inert(text)
    return "".join(
        (f"`{part}`" if part else "") if place % 2 else inert(part)
        for place, part in enumerate(parts)
    )


def fenced(lines: Sequence[str]) -> list[str]:
    """Put lines into a fence that is longer than any run of backquotes in them."""
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    return [fence, *lines, fence]
