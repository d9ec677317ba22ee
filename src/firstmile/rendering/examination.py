"""An examination, in its plain form, as text for a terminal: what fails first, by cause."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from firstmile.facts import sizes
from firstmile.rendering.inert import visible
from firstmile.rendering.wrapping import wrapped

Plain = Mapping[str, Any]
Words = Callable[[str], str]

MARKS: Final[Mapping[str, str]] = {
    "fail": "FAIL",
    "error": "ERROR",
    "warn": "WARN",
    "pass": "PASS",
    "skip": "SKIP",
}
"""Outcomes in the order in which they are shown."""
GRAVE: Final = ("fail", "error", "warn")
MOST_FOLDED: Final = 6
MANY_TOKENS: Final = 1 << 25
"""A context that no model has."""
MOST_REASONS: Final = 3
"""Things that could not be looked at which are told with their reasons."""
MOST_FAILING: Final = 8
"""Checks that fail which are named at the end."""
MOST_UNJUDGED: Final = 12
"""Findings that are told each, where none of them judged."""
LONGEST: Final = 400
"""Characters of one piece of evidence."""
_AS_WRITTEN: Final = frozenset(
    (
        *("accelerate", "apt", "axolotl", "chmod", "conda", "cp", "deepspeed", "docker", "dtype"),
        *("export", "git", "hf", "mv", "ollama", "pip", "python", "rm", "sglang", "sudo"),
        *("torchrun", "transformers", "trl", "ulimit", "uv", "vllm"),
    )
)


def as_text(
    data: Plain,
    *,
    width: int = 100,
    all_of_it: bool = False,
    bold: Words = str,
    dim: Words = str,
) -> str:
    """Return lines for a terminal, in which nothing that was read acts.

    Unless `all_of_it`, what passed, what was skipped and what was accepted are counted alone.
    """
    lines = [*_bold_lines(data["subject"], width, bold), ""]
    for title, findings in grouped(shown(data, all_of_it=all_of_it)):
        lines.append(bold(visible(title)))
        told: set[str] = set()
        for each in findings:
            lines += _finding(each, width, bold, dim, is_first=each["check"] not in told)
            told.add(each["check"])
        if lines[-1]:
            lines.append("")
    lines += _smallest_change(data, width, bold)
    lines += _memory(data, width, bold)
    lines += _folded(data, width, bold, all_of_it=all_of_it)
    if said := failing(data):
        lines += _bold_lines(said, width, bold)
    lines += _bold_lines(summary(data), width, bold)
    return "\n".join(lines) + "\n"


def shown(data: Plain, *, all_of_it: bool) -> list[Plain]:
    """Return the findings that are told: all, or those that count.

    Where a few checks were asked for and none could judge, why not is told.
    """
    is_small = len(data["findings"]) <= MOST_UNJUDGED and not _examined(data)
    return [
        each
        for each in data["findings"]
        if all_of_it or is_small or (each["outcome"] in GRAVE and each["suppressed"] is None)
    ]


def grouped(findings: Iterable[Plain]) -> list[tuple[str, list[Plain]]]:
    """Return findings by the class of their cause, the gravest outcome first within each.

    A check that says several things says them together.
    """
    order = list(MARKS)
    groups: dict[str, list[Plain]] = {}
    for each in sorted(findings, key=lambda one: order.index(one["outcome"])):
        groups.setdefault(each["group"], []).append(each)
    return list(groups.items())


def summary(data: Plain) -> str:
    """Return what came of it in one sentence, in the words of the exit status."""
    counts = data["counts"]
    unknown = counts["not_known"]
    idle = counts["skip"] - unknown
    warned = f"{counts['warn']} may go wrong"
    if counts["warn"] and data["fail_on"] == "warn":
        warned = f"{warned}, which is to count as a failure"
    parts = [
        f"{counts['fail']} will fail",
        warned,
        f"{counts['pass']} {'is as it' if counts['pass'] == 1 else 'are as they'} should be",
        f"{unknown} {'is' if unknown == 1 else 'are'} not known",
        f"{idle} {'does' if idle == 1 else 'do'} not apply",
    ]
    if counts["suppressed"]:
        parts.insert(2, f"{counts['suppressed']} accepted with a reason")
    if counts["error"]:
        parts.insert(1, f"{counts['error']} broke in firstmile itself")
    if data["exit_status"] == 2:
        # That nothing was seen to fail must not read as if nothing will.
        parts = [each for each in parts if not each.startswith("0 ")]
    return f"{_undecided(data)}{'; '.join(parts)}. {data['seconds']:.2f} s."


def failing(data: Plain) -> str | None:
    """Name the checks that fail, for whom what they say has scrolled away."""
    counted = (each for each in data["findings"] if each["suppressed"] is None)
    names = list(dict.fromkeys(each["check"] for each in counted if each["outcome"] == "fail"))
    more = f" and {len(names) - MOST_FAILING} more" if len(names) > MOST_FAILING else ""
    return f"Will fail: {', '.join(names[:MOST_FAILING])}{more}." if names else None


def _undecided(data: Plain) -> str:
    """Say of what could not be judged (exit status 2) that it was not; nothing of the rest."""
    if data["exit_status"] != 2:
        return ""
    if data["counts"]["error"]:
        return "Whether it works could not be judged whole: "
    if not _examined(data):
        return "Nothing could be judged: "
    if any(one["what"] == "command" for one in data["not_known"]):
        return "Whether it works could not be judged, since the command was not understood: "
    return "Whether it works could not be judged, since the model was not there to be looked at: "


def _examined(data: Plain) -> int:
    counts = data["counts"]
    return int(counts["pass"] + counts["warn"] + counts["fail"] + counts["suppressed"])


def places(memory: Plain) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return where memory is taken: the place, what it comes to in words, and its parts.

    Of devices that are not there nobody says that a run fits on them.
    """
    found = []
    for place in memory["places"]:
        limit = place["limit_bytes"]
        there = "" if limit is None else f" of {sizes.shown(limit)} for the run"
        note = (
            ", not measured on a GPU" if place["is_gpu"] and not memory["measured_on_gpu"] else ""
        )
        name, verdict = place["name"], "" if limit is None else f": {place['fit']}"
        if memory["devices"] > 1 and place["is_gpu"]:
            name = f"{name} of {memory['devices']}"
            has = memory["devices_there"]
            if has is not None and has < memory["devices"]:
                name, verdict = f"{name}, of which {has} {'is' if has == 1 else 'are'} there", ""
        total = f"{sizes.shown_range(**place['needed_bytes'])}{there}{verdict}{note}"
        parts = [(part["name"], sizes.shown_range(**part["bytes"])) for part in place["parts"]]
        found.append((name, total, parts))
    return found


def context_words(memory: Plain) -> str:
    """Say for how many tokens the memory was worked out, whose number that is, and what fits."""
    context, positions = memory["context"], memory["positions"]
    longest = memory["longest_context"] or 0
    if memory["is_training"]:
        whose = "" if memory["context_is_asked"] else ", since the command names no length"
        return f"For samples of {context:,} tokens{whose}."
    said = f"For a context of {context:,} tokens"
    if not memory["context_is_asked"]:
        whose = "all that the model reads" if context == positions else "which are assumed"
        said = f"{said}, {whose}, since the command names none"
    if positions and context > positions:
        return f"{said}; the model reads {positions:,}."
    if not longest or (positions and context == positions <= longest):
        return f"{said}."
    most = "far more" if longest >= MANY_TOKENS else f"{longest:,}"
    if positions and longest >= positions:
        most = f"all {positions:,} that the model reads"
    return f"{said}; there is memory for {most}."


def why_no_memory(data: Plain) -> str | None:
    """Return why the memory is not known; nothing where model or command are said to be missing."""
    is_missing = any(one["what"] in ("model", "command") for one in data["not_known"])
    return None if is_missing else data["memory_not_known"]


def title_of_change(change: Plain) -> str:
    """Return the heading over what has to change."""
    if change["command"] or change["steps"]:
        return "The smallest change that works"
    return "No change of the command was found that works"


def costs(change: Plain) -> str:
    """Say what a change costs; that a part of it costs nothing is said where all of it does."""
    dear = [one for one in change["loses"] if not one.startswith("nothing")]
    return f"It costs {', '.join(dear or change['loses'][:1])}."


def beside(change: Plain) -> str | None:
    """Say what fails all the same, once a command is changed."""
    left = change["still_fails"]
    return f"What fails besides is to be put right as well: {', '.join(left)}." if left else None


def quoted(one: Plain) -> str:
    """Return a piece of evidence with the place that it stands at, cut where it is long."""
    text = visible(one["text"])
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
    place = visible(one["file"]) if one["file"] else ""
    if place and one["record"] is not None:
        place = f"{place}:{one['record']}"
    return f"{place}: {text}" if place else text


def remedy_of(each: Plain) -> str | None:
    """Return what to do: the smallest change where the check names one, else the general fix."""
    stated = each["remedy"] or each["fix"]
    return capital(stated) if stated else None


def capital(text: str) -> str:
    """Return a sentence with a capital letter, unless it begins with a name or a command."""
    word = text.split(" ", 1)[0].rstrip(",.")
    is_word = word.isalpha() and word.islower() and word not in _AS_WRITTEN
    return text[:1].upper() + text[1:] if is_word else text


def _bold_lines(text: str, width: int, bold: Words) -> list[str]:
    return [bold(line) for line in wrapped(text, width=width)]


def _finding(each: Plain, width: int, bold: Words, dim: Words, *, is_first: bool) -> list[str]:
    indent = " " * 8
    first, *rest = wrapped(each["message"], indent=indent, width=width) or [indent]
    mark = MARKS[each["outcome"]]
    lines = [f"  {bold(f'{mark:<5}')} {first.lstrip()}", *rest]
    for one in each["evidence"]:
        lines += _quotation(quoted(one), f"{indent}| ", width)
    if each["outcome"] not in GRAVE:
        return [*lines, f"{indent}{dim(each['check'])}"]
    if each["suppressed"] is not None:
        lines += wrapped(accepted_words(each["suppressed"]), indent=indent, width=width)
    if each["why"] and is_first:
        why = wrapped(f"Why: {capital(each['why'])}", indent=indent, width=width)
        lines += [dim(line) for line in why]
    remedy = remedy_of(each)
    if remedy:
        lines += wrapped(f"Fix: {remedy}", indent=indent, width=width)
    said = "the check is" if each["outcome"] == "error" else "firstmile explain"
    lines.append(dim(f"{indent}{said} {visible(each['check'])}"))
    if each["entries"] and is_first:
        known = f"Known failures: {', '.join(each['entries'])}"
        lines += [dim(line) for line in wrapped(known, indent=indent, width=width)]
    return [*lines, ""]


def _quotation(text: str, indent: str, width: int) -> list[str]:
    """Break a quotation, which is on one line and inert; blanks in it stay as they are."""
    return textwrap.wrap(
        text,
        max(width, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def accepted_words(accepted: Plain) -> str:
    """Say that a finding is accepted, why, and until when."""
    until = f", until {accepted['until']}" if accepted["until"] else ""
    return f"Accepted{until}: {accepted['reason']}"


def _smallest_change(data: Plain, width: int, bold: Words) -> list[str]:
    change = data["smallest_change"]
    if change is None:
        return []
    lines = [
        bold(title_of_change(change)),
        *wrapped(change["because"], indent="  ", width=width),
    ]
    if change["hardware"]:
        lines += wrapped(change["hardware"], indent="  ", width=width)
    for step in change["steps"]:
        first, *rest = wrapped(step, indent="    ", width=width) or [""]
        lines += [f"  - {first.strip()}", *rest]
    if change["loses"]:
        lines += wrapped(costs(change), indent="  ", width=width)
    if left := beside(change):
        lines += wrapped(left, indent="  ", width=width)
    if change["command"]:
        # A command that is to be copied is never broken over lines.
        lines += ["", f"    {visible(change['command'])}"]
    return [*lines, ""]


def _memory(data: Plain, width: int, bold: Words) -> list[str]:
    memory = data["memory"]
    if memory is None:
        said = why_no_memory(data)
        return [*wrapped(f"Memory is not known: {said}.", width=width), ""] if said else []
    lines = [bold("Memory")]
    for name, total, parts in places(memory):
        lines += wrapped(f"{name}: {total}", indent="  ", width=width)
        wide = max((len(part) for part, _ in parts), default=0)
        lines += [f"    {visible(part):<{wide}}  {amount}" for part, amount in parts]
    lines += wrapped(context_words(memory), indent="  ", width=width)
    for one in memory["assumptions"]:
        lines += wrapped(f"Assumed: {one}.", indent="  ", width=width)
    return [*lines, ""]


def _folded(data: Plain, width: int, bold: Words, *, all_of_it: bool) -> list[str]:
    """Return what was not understood and not seen: in a line each, or with all reasons."""
    lines: list[str] = []
    unread = data["not_understood"]
    if unread:
        told = unread if all_of_it else unread[:MOST_FOLDED]
        more = f" and {len(unread) - len(told)} more" if len(unread) > len(told) else ""
        said = f"Not understood of the command, and not judged: {', '.join(told)}{more}."
        lines += [*wrapped(said, width=width), ""]
    for said in remarks(data):
        lines += [*wrapped(said, width=width), ""]
    missing = data["not_known"]
    if missing and all_of_it:
        lines.append(bold("What could not be looked at"))
        for one in missing:
            lines += wrapped(f"{one['what']}: {one['reason']}", indent="  ", width=width)
        lines.append("")
    elif missing:
        first = [one for one in missing if one["what"] == "model"]
        for one in first:
            said = f"The model could not be looked at: {one['reason']}."
            lines += [*wrapped(said, width=width), ""]
        if left := unseen(missing):
            lines += [*wrapped(left, width=width), ""]
    return lines


def remarks(data: Plain) -> list[str]:
    """Return what was done with the settings, in sentences."""
    ended = [
        f"The suppression of {one['check']} ended on {one['until']}: it counts again."
        for one in data["expired_suppressions"]
    ]
    return [*data["notes"], *ended]


def unseen(missing: Sequence[Plain]) -> str | None:
    """Say what could not be looked at, with the reasons where they are few."""
    names = named(missing)
    if not names:
        return None
    if len(names) > MOST_REASONS:
        return f"Could not be looked at (--all says why): {', '.join(names)}."
    why = {one["what"]: one["reason"] for one in reversed(missing)}
    told = "; ".join(f"{name} ({why[name]})" for name in names)
    return f"Could not be looked at, or not whole: {told}."


def named(missing: Sequence[Plain]) -> list[str]:
    """Return what could not be looked at, each once; model and command as a whole left out."""
    whole = ("model", "command")
    return list(dict.fromkeys(one["what"] for one in missing if one["what"] not in whole))
