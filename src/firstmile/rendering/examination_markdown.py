"""An examination as Markdown, for an issue or a chat."""

from firstmile.rendering.examination import (
    MARKS,
    Plain,
    accepted_words,
    beside,
    capital,
    context_words,
    costs,
    grouped,
    places,
    quoted,
    remarks,
    remedy_of,
    shown,
    summary,
    title_of_change,
    unseen,
    why_no_memory,
)
from firstmile.rendering.inert import fenced, in_markdown, visible, with_code


def as_markdown(data: Plain, *, all_of_it: bool = False) -> str:
    """Return Markdown in which nothing that was read acts: what is quoted is a block of code."""
    lines = ["## firstmile check", "", *fenced([visible(data["subject"])]), "", f"{summary(data)}"]
    for title, findings in grouped(shown(data, all_of_it=all_of_it)):
        lines += ["", f"### {in_markdown(title)}"]
        for each in findings:
            lines += _finding(each)
    lines += _smallest_change(data)
    lines += _memory(data)
    lines += _not_seen(data, all_of_it=all_of_it)
    versions = ", ".join(
        f"{in_markdown(name)} {in_markdown(each)}" for name, each in data["versions"].items()
    )
    return "\n".join([*lines, "", f"{versions}; {in_markdown(data['started'])}"]) + "\n"


def _finding(each: Plain) -> list[str]:
    lines = ["", f"**{MARKS[each['outcome']]}** {in_markdown(each['message'])}"]
    if each["evidence"]:
        lines += ["", *fenced([quoted(one) for one in each["evidence"]])]
    if each["suppressed"] is not None:
        lines += ["", in_markdown(accepted_words(each["suppressed"]))]
    if each["why"]:
        lines += ["", f"**Why:** {explained(capital(each['why']))}"]
    remedy = remedy_of(each)
    if remedy:
        lines += ["", f"**Fix:** {explained(remedy)}"]
    known = ", ".join(f"`{visible(one)}`" for one in each["entries"])
    more = f"; known failures: {known}" if known else ""
    return [*lines, "", f"`{visible(each['check'])}`{more}"]


def _smallest_change(data: Plain) -> list[str]:
    change = data["smallest_change"]
    if change is None:
        return []
    lines = ["", f"### {title_of_change(change)}"]
    lines += ["", in_markdown(change["because"])]
    if change["hardware"]:
        lines += ["", in_markdown(change["hardware"])]
    if change["steps"]:
        lines += ["", *(f"- {in_markdown(step)}" for step in change["steps"])]
    if change["loses"]:
        lines += ["", in_markdown(costs(change))]
    if left := beside(change):
        lines += ["", in_markdown(left)]
    if change["command"]:
        lines += ["", *fenced([visible(change["command"])])]
    return lines


def _memory(data: Plain) -> list[str]:
    memory = data["memory"]
    if memory is None:
        said = why_no_memory(data)
        return ["", f"Memory is not known: {in_markdown(said)}."] if said else []
    lines = ["", "### Memory", "", "| | |", "|---|---|"]
    for name, total, parts in places(memory):
        lines.append(f"| **{in_markdown(name)}** | {in_markdown(total)} |")
        lines += [f"| {in_markdown(part)} | {in_markdown(amount)} |" for part, amount in parts]
    return [*lines, "", in_markdown(context_words(memory))]


def _not_seen(data: Plain, *, all_of_it: bool) -> list[str]:
    lines: list[str] = []
    if data["not_understood"]:
        lines += ["", "Not understood of the command, and not judged:", ""]
        lines += fenced([visible(one) for one in data["not_understood"]])
    for said in remarks(data):
        lines += ["", in_markdown(said)]
    missing = data["not_known"]
    if missing and all_of_it:
        lines += ["", "Could not be looked at:", ""]
        lines += [f"- {in_markdown(one['what'])}: {in_markdown(one['reason'])}" for one in missing]
    elif missing:
        model = [one["reason"] for one in missing if one["what"] == "model"]
        lines += [f"\nThe model could not be looked at: {in_markdown(reason)}." for reason in model]
        left = unseen(missing)
        lines += ["", in_markdown(left)] if left else []
    return lines


def explained(text: str) -> str:
    """Return a text of ours, in which what stands between backquotes is code."""
    return with_code(text, in_markdown, lambda code: f"`{visible(code)}`")
