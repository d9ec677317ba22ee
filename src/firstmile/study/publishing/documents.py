"""The other documents: codebook, privacy statement, note on the license."""

from collections.abc import Iterator, Mapping
from typing import Any

from firstmile.rendering.inert import visible
from firstmile.study.licensing import license_of
from firstmile.study.publishing import statements
from firstmile.study.publishing.dataset import Dataset
from firstmile.study.publishing.plain_text import markdown
from firstmile.taxonomy import Axis, Taxonomy, Term


def codebook_page(codebook: Taxonomy) -> str:
    """Return the codebook as a page."""
    lines = [f"# Codebook {markdown(codebook.version)}", ""]
    for axis in Axis:
        lines += [f"## {axis.value.capitalize()}", ""]
        for term in codebook.of(axis):
            lines += _term_lines(term)
    return "\n".join(lines)


def _term_lines(term: Term) -> Iterator[str]:
    yield f"{'#' * (term.level + 2)} {markdown(term.label)}"
    yield ""
    yield f"Code {markdown(term.code)}. {markdown(term.definition)}"
    yield ""
    for heading, items in (("Belongs here", term.includes), ("Does not", term.excludes)):
        if items:
            yield f"{heading}:"
            yield ""
            yield from (f"- {markdown(item)}" for item in items)
            yield ""
    if term.boundary:
        yield "Boundary rules:"
        yield ""
        yield from (f"- {markdown(f'{r.against}: {r.rule}')}" for r in term.boundary)
        yield ""
    if term.not_applicable:
        yield f"Cannot occur in: {markdown(', '.join(term.not_applicable))}"
        yield ""


def codebook_data(codebook: Taxonomy) -> dict[str, Any]:
    """Return the codebook in plain form."""
    return {
        "version": codebook.version,
        "terms": [
            {
                "axis": term.axis.value,
                "code": term.code,
                "label": term.label,
                "definition": term.definition,
                "includes": list(term.includes),
                "excludes": list(term.excludes),
                "boundary": [{"against": r.against, "rule": r.rule} for r in term.boundary],
                "stage": term.stage,
                "extension": term.extension,
                "not_applicable": list(term.not_applicable),
                "formerly": list(term.formerly),
            }
            for term in codebook.terms
        ],
    }


def privacy_page(dataset: Dataset) -> str:
    """Return the privacy statement."""
    contact = dataset.contact.strip()
    ask = (
        f"Write to the contact ({markdown(contact)}) with the issue's link. It is taken out of the "
        "next version; copies that others made are beyond reach."
        if contact
        else "No contact is stated: ask those who published this data set, with the issue's link. "
        "Copies that others made are beyond reach."
    )
    return "\n".join(
        [
            "# Persons in this data set",
            "",
            *(f"- {markdown(sentence)}" for sentence in statements.privacy(dataset)),
            "",
            "## What was taken out of the texts",
            "",
            *(_counts(statements.taken_out(dataset)) or ["No passage was taken out."]),
            "",
            "## Which names of accounts became pseudonyms",
            "",
            *(_counts(statements.account_names(dataset)) or ["No name of an account."]),
            "",
            "## To have an issue taken out",
            "",
            ask,
            "",
        ]
    )


def _counts(found: Mapping[str, int]) -> list[str]:
    return [f"- {markdown(kind)}: {number:,}" for kind, number in found.items()]


def license_note(dataset: Dataset) -> str:
    """Return the note on the license; the license's own text is at its address."""
    rights = license_of(dataset.license)
    name = visible(rights.title)
    text = (
        "Titles and quoted lines are their authors' and are included, redacted, for study; the\n"
        "license above does not cover them.\n"
        if dataset.text
        else "No text of an issue is included.\n"
    )
    if rights.title == "not stated":
        granted = "No license is stated for the labels, decisions and documentation here.\n"
    else:
        granted = f"Labels, decisions and documentation in this folder: {name}\n"
    return (
        f"{granted}"
        f"{f'{rights.url}{chr(10)}' if rights.url else ''}"
        "\n"
        "The issues that are linked to belong to their authors and stand under the terms of the\n"
        "platform that they were written on. They are not part of this data set.\n"
        f"{text}"
    )
