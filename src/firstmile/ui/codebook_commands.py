"""`firstmile taxonomy` and the terms of the codebook in the terminal."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.taxonomy import (
    Axis,
    Taxonomy,
    Term,
    load_taxonomy,
)
from firstmile.ui.text import bold, dim, wrapped

if TYPE_CHECKING:
    from firstmile.taxonomy.industry import CauseInitiatives

LONGEST_CODE = 100
"""Characters of a mistyped code that are looked up and repeated."""


class Format(StrEnum):
    """How a command prints."""

    TEXT = "text"
    JSON = "json"


def taxonomy(
    axis: Annotated[Axis | None, typer.Option(help="Only this axis.")] = None,
    output: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
) -> None:
    """List the codebook: every code with its published label."""
    book = load_taxonomy()
    axes = [axis] if axis else list(Axis)
    if output is Format.JSON:
        data = {
            "schema_version": "1",
            "version": book.version,
            "terms": [term_data(term) for one in axes for term in book.of(one)],
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for one in axes:
        typer.echo(bold(f"{one.value} ({len(book.leaves(one))} at the finest level)"))
        width = max(len(term.code) + 2 * term.level for term in book.of(one))
        for term in book.of(one):
            indent = "  " * term.level
            typer.echo(f"{indent}{term.code.ljust(width - len(indent) + 2)}{dim(term.name)}")
        typer.echo()
    typer.echo(f"Codebook {book.version}. firstmile explain CODE shows a term.")


def find_term(book: Taxonomy, wanted: str) -> Term:
    """Return a term by code or published label, or by their last part where that is unique."""
    folded = wanted.strip().strip("/").casefold()
    for term in book.terms:
        if folded in (term.code.casefold(), term.label.casefold(), *term.formerly):
            return term
    ends = [
        term
        for term in book.terms
        if folded in (term.name.casefold(), term.code.rpartition("/")[2].casefold())
    ]
    if len(ends) == 1:
        return ends[0]
    if ends:
        codes = ", ".join(term.code for term in ends)
        raise UserError(f"{visible(wanted.strip())!r} may be any of {codes}: name one of them.")
    return book.term(visible(wanted.strip()[:LONGEST_CODE]))


def term_data(term: Term) -> dict[str, Any]:
    """Return a term in plain form."""
    return {**msgspec.to_builtins(term), "parent": term.parent}


def term_lines(book: Taxonomy, term: Term, initiatives: list["CauseInitiatives"]) -> list[str]:
    """Lay a term out for the terminal."""
    lines = [bold(term.label), dim(f"{term.axis.value} {term.code}, codebook {book.version}"), ""]
    lines += [*wrapped(term.definition), ""]
    below = [t for t in book.terms if t.parent == term.code]
    if below:
        lines += [bold("Below it"), *(f"  {t.code}  {dim(t.name)}" for t in below), ""]
    lines += _listed("Belongs here", term.includes)
    lines += _listed("Does not belong here", term.excludes)
    if term.boundary:
        lines.append(bold("Boundary rules"))
        for rule in term.boundary:
            lines.append(f"  against {rule.against}")
            lines += wrapped(rule.rule, indent="    ")
        lines.append("")
    origin = "published label" if term.example_from == "published" else "our own assignment"
    lines += [bold(f"Example ({origin})"), f"  {term.example.url}"]
    lines += [*wrapped(term.example.line, indent="  "), ""]
    for row in initiatives:
        touching = [i for i in row.initiatives if term.level == 1 or term.code in i.terms]
        lines += [bold("Industry initiatives"), *wrapped(row.summary, indent="  ")]
        for one in touching:
            lines += ["", f"  {one.name} ({one.kind})  {one.url}"]
            lines += wrapped(f"Covers: {one.covers}", indent="    ")
            lines += wrapped(f"Leaves open: {one.leaves_open}", indent="    ")
        lines += ["", *_listed("Open everywhere", row.open)]
    return lines


def _listed(heading: str, items: tuple[str, ...]) -> list[str]:
    if not items:
        return []
    lines = [bold(heading)]
    for item in items:
        first, *rest = wrapped(item, indent="    ")
        lines += [f"  - {first.strip()}", *rest]
    return [*lines, ""]
