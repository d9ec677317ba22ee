"""`firstmile explain`: a term of the codebook, a known failure, a check, or an error message."""

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firstmile.errors import UserError, nearest
from firstmile.rendering.inert import visible
from firstmile.taxonomy import load_taxonomy
from firstmile.taxonomy.industry import load_initiatives
from firstmile.ui.check_listing import check_lines
from firstmile.ui.codebook_commands import Format, find_term, term_data, term_lines
from firstmile.ui.text import bold, dim, fitted, wrapped

if TYPE_CHECKING:
    from firstmile.check.unit import Check
    from firstmile.knowledge import Entry, Signatures

LONGEST_SHOWN = 100
"""Characters of what was asked that are repeated."""
MOST_REPORTS = 5
MOST_NEAR = 3
"""Ids that are named where one is mistyped."""
MOST_WORDS = 8
LEAST_OF_A_MESSAGE = 8
"""Characters of a message that must be given before messages that have them are sought."""
SURELY_ALIKE = 0.8
"""From here on a few words are taken for what they ask, whatever signatures they meet."""
ALIKE_OF_A_WORD = 0.9
"""The same for a single word, which may also be a mistyped id."""
LEAST_TYPED = 3
"""Letters that must be typed before ids that have them are named."""


def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="CODE|ID|TEXT",
            help="A code (crash/cuda/out-of-memory), the id of a known failure or of a check, or "
            "an error message.",
        ),
    ],
    output: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
) -> None:
    """Explain a term of the codebook, a known failure, a check, or an error message.

    A term has definition, boundary rules, an example and initiatives; a failure says what
    happens, why, and how to fix it; a check what is as it should be, why, and how to get there.
    """
    if not what.strip():
        raise UserError(
            "There is nothing to explain: name a code, a known failure or a check, or give an "
            "error message (firstmile taxonomy lists the codes)."
        )
    entry = _entry(what)
    check = _check(what)
    others: list[Entry] = []
    if entry is None and check is None and (met := _met_by(what)):
        entry, *others = met
    if entry is None and check is None:
        _explain_term(what, output)
        return
    if output is Format.JSON:
        own = check_data(check) if check is not None else None
        data = own
        if entry is not None:
            data = _entry_data(entry) | {"check": own, "others": [one.id for one in others]}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    lines = _entry_lines(entry) if entry is not None else []
    if others:
        lines += ["", bold("If it is not that")]
        lines += [f"  {visible(one.id)}  {dim(visible(one.title))}" for one in others]
    if check is not None:
        lines += [*([""] if lines else []), *_check_lines(check_data(check))]
    for line in lines:
        typer.echo(line)


def _entry(wanted: str) -> "Entry | None":
    from firstmile.knowledge import load_entries

    folded = wanted.strip()
    for entry in load_entries():
        if folded == entry.id or folded in entry.formerly:
            return entry
    return None


def _check(wanted: str) -> "Check | None":
    from firstmile.check.unit import load_check

    return load_check(wanted.strip())


def check_data(check: "Check") -> dict[str, Any]:
    """Return what explains a check: here, and on its page in the docs."""
    from firstmile.check.unit import check_id, explanation
    from firstmile.rendering.examination import capital

    said, about = explanation(check), check.ABOUT
    return {
        "id": check_id(check),
        "good_state": said.good_state,
        "symptom": about.symptom,
        "cause": about.cause,
        "stage": about.stage,
        "why": capital(said.why),
        "fix": capital(said.fix),
        "entries": list(about.entries),
        "references": list(about.references),
    }


def _check_lines(data: dict[str, Any]) -> list[str]:
    lines = [bold(visible(data["good_state"])), dim(f"{visible(data['id'])}, a check")]
    lines += _code_lines((data["symptom"], data["cause"], data["stage"]))
    for heading, text in (("Why", data["why"]), ("Fix", data["fix"])):
        lines += ["", bold(heading)]
        for place, paragraph in enumerate(text.split("\n\n")):
            lines += [""] if place else []
            lines += wrapped(paragraph, indent="  ")
    known = [entry for one in data["entries"] if (entry := _entry(one)) is not None]
    if known:
        lines += ["", bold("Known failures")]
        lines += [f"  {visible(each.id)}  {dim(visible(each.title))}" for each in known]
    reports = list(dict.fromkeys(url for each in known for url in each.written_from))
    if reports:
        lines += ["", bold("Reported"), *(f"  {visible(url)}" for url in reports[:MOST_REPORTS])]
    if data["references"]:
        lines += ["", bold("Learn more"), *(f"  {visible(url)}" for url in data["references"])]
    return lines


def _code_lines(codes: "tuple[str | None, ...]") -> list[str]:
    book = load_taxonomy().by_code
    return [
        f"  {dim(book[code].axis.value):<9} {book[code].label}  {dim(visible(code))}"
        for code in codes
        if code is not None
    ]


def _met_by(text: str) -> "list[Entry]":
    """Return the entry that a message or a few words mean, and others that they may mean.

    There are none where it is no message but a term. Raises UserError where a message meets none.
    """
    from firstmile.knowledge import Signatures, load_entries, ranked
    from firstmile.knowledge.asked_for import entries_asked_for

    if _is_a_term(text):
        return []
    asked = entries_asked_for(text, load_entries())
    likely = [one.entry for one in asked[: 1 + MOST_NEAR]]
    if " " not in text.strip() and text.isascii():
        return likely if asked and asked[0].alike >= ALIKE_OF_A_WORD else []
    if asked and asked[0].alike >= SURELY_ALIKE:
        return likely
    signatures = Signatures(load_entries())
    matches = ranked(signatures.hits(text.split("\n")))
    if matches and (matches[0].decides or not likely):
        return [matches[0].entry]
    if likely:
        return likely
    known = _known_by_a_part(text, signatures)
    if known and known[0][1] * 2 > sum(times for _, times in known):
        return [known[0][0]]
    if known:
        near = " or ".join(entry.id for entry, _ in known[:MOST_NEAR])
        raise UserError(
            f"Several known failures have these words, such as {near}: explain one of them, "
            "or give the whole log to firstmile diagnose."
        )
    raise UserError(
        "No known failure has this message: give the whole log to firstmile diagnose, "
        "which also weighs the words around it."
    )


def _is_a_term(text: str) -> bool:
    """Say whether a text is a code, a name or a label of the codebook."""
    book = load_taxonomy()
    if any(text.strip().casefold() in (t.label.casefold(), t.name.casefold()) for t in book.terms):
        return True
    try:
        find_term(book, text)
    except UserError:
        return _may_be_several(text)
    return True


def _known_by_a_part(text: str, signatures: "Signatures") -> "list[tuple[Entry, int]]":
    """Return the entries whose messages have a shorter text in them, most messages first.

    A message is often remembered by its first words only, where signatures want more of it so as
    not to be met by chance in a log. The whole messages are the examples that entries bring.
    """
    from collections import Counter

    from firstmile.knowledge import load_entries, ranked

    part = " ".join(text.casefold().split())
    if len(part) < LEAST_OF_A_MESSAGE:
        return []
    met: Counter[str] = Counter()
    entries = {entry.id: entry for entry in load_entries()}
    for entry in entries.values():
        lines = dict.fromkeys(line for example in entry.match for line in example.split("\n"))
        for line in lines:
            if part in line.casefold() and (matches := ranked(signatures.hits([line]))):
                met[matches[0].entry.id] += 1
    return [(entries[name], times) for name, times in met.most_common()]


def _explain_term(wanted: str, output: Format) -> None:
    book = load_taxonomy()
    try:
        term = find_term(book, wanted)
    except UserError as error:
        if _may_be_several(wanted):
            raise
        shown = visible(wanted.strip()[:LONGEST_SHOWN])
        near = _near(wanted)
        ways = "firstmile taxonomy lists the codes, firstmile check --list the checks"
        hint = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise UserError(
            f"There is no code, no known failure and no check {shown!r}{hint}: {ways}."
        ) from error
    initiatives = [row for row in load_initiatives() if row.cause == term.code.split("/")[0]]
    if output is Format.JSON:
        data = term_data(term) | {"initiatives": [asdict(row) for row in initiatives]}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for line in term_lines(book, term, initiatives):
        typer.echo(line)
    for line in _known(term.code):
        typer.echo(line)


def _may_be_several(wanted: str) -> bool:
    """Say whether a word is the last part of several codes."""
    folded = wanted.strip().strip("/").casefold()
    ends = [
        term
        for term in load_taxonomy().terms
        if folded in (term.name.casefold(), term.code.rpartition("/")[2].casefold())
    ]
    return len(ends) > 1


def _near(wanted: str) -> list[str]:
    """Return ids and codes that have all the words of a mistyped one, else the most alike."""
    from firstmile.check.unit import check_ids
    from firstmile.knowledge import load_entries

    ids = [*load_taxonomy().by_code, *check_ids(), *(entry.id for entry in load_entries())]
    words = re.findall(r"[a-z0-9]+", wanted.casefold())[:MOST_WORDS]
    if sum(map(len, words)) >= LEAST_TYPED:
        begun = [re.compile(rf"(?:^|[-/]){re.escape(word)}") for word in words]
        have = [each for each in ids if all(one.search(each) for one in begun)]
        if have:
            return have[:MOST_NEAR]
    found = nearest(wanted, ids, alike=0.6)
    return [] if found is None else [found]


def _known(code: str) -> list[str]:
    """Return the known failures and the checks of a term, each with the way to its page."""
    from firstmile.check.stated import stated_checks
    from firstmile.knowledge import load_entries

    own = [
        entry
        for entry in load_entries()
        for given in (entry.classification.symptom, entry.classification.cause)
        if given == code
    ]
    foreseen = [one for one in stated_checks() if code in (one.symptom, one.cause)]
    lines = []
    if own:
        lines += [bold("Known failures")]
        lines += [f"  {visible(e.id)}  {dim(visible(e.title))}" for e in own]
        lines.append("")
    if foreseen:
        lines += [bold("Checks, before it runs")]
        lines += check_lines(foreseen)
        lines.append("")
    return lines


def _entry_data(entry: "Entry") -> dict[str, Any]:
    given = entry.classification
    return {
        "id": entry.id,
        "title": entry.title,
        "symptom": given.symptom,
        "cause": given.cause,
        "stage": given.stage,
        "stack": list(entry.stack),
        "status": entry.status.value,
        "what_happens": entry.what_happens,
        "why": entry.why,
        "fix": entry.fix,
        "references": list(entry.references),
        "written_from": list(entry.written_from),
    }


def _entry_lines(entry: "Entry") -> list[str]:
    given = entry.classification
    lines = [bold(visible(entry.title)), dim(visible(entry.id))]
    lines += _code_lines((given.symptom, given.cause, given.stage))
    for heading, text in (
        ("What happens", entry.what_happens),
        ("Why", entry.why),
        ("Fix", entry.fix),
    ):
        lines += ["", bold(heading), *fitted(text, indent="  ")]
    seen = "made in the lab" if entry.status.value == "lab" else "known from reports"
    lines += ["", dim(f"This failure was {seen}."), bold("Learn more")]
    lines += [f"  {visible(url)}" for url in (*entry.references, *entry.written_from[:3])]
    return lines
