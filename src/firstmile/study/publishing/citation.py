"""How the data set is cited: CITATION.cff (1.2.0) and BibTeX."""

import re
from typing import Final

from firstmile.rendering.inert import visible
from firstmile.study.licensing import license_of
from firstmile.study.publishing.dataset import Dataset
from firstmile.study.publishing.plain_text import yaml
from firstmile.study.publishing.statements import year

NOBODY: Final = "The authors are not stated"
_BIBTEX: Final = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "{}#$%&_"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def citation_file(dataset: Dataset) -> str:
    """Return a CITATION.cff; names stand as entities, since a name does not tell its parts."""
    rights = license_of(dataset.license)
    own = dataset.stated.citation.strip()
    wish = f"please cite: {own}" if own else "please cite it as below."
    lines = [
        "cff-version: 1.2.0",
        f"message: {yaml(f'If you use this data set, {wish}')}",
        "type: dataset",
        f"title: {yaml(dataset.name)}",
        f"version: {yaml(dataset.version)}",
        f"date-released: {yaml(dataset.published.isoformat())}",
        "authors:",
        *(f"  - name: {yaml(name)}" for name in dataset.authors or (NOBODY,)),
    ]
    if rights.spdx:
        lines.append(f"license: {yaml(rights.spdx)}")
    elif rights.url:
        lines.append(f"license-url: {yaml(rights.url)}")
    if dataset.url:
        lines.append(f"url: {yaml(dataset.url)}")
    return "\n".join([*lines, ""])


def bibtex(dataset: Dataset) -> str:
    """Return a BibTeX entry on one line."""
    return " ".join(line.strip() for line in bibtex_lines(dataset))


def bibtex_lines(dataset: Dataset) -> list[str]:
    """Return a BibTeX entry, a field a line.

    `note` says what styles of before biblatex leave out: that it is a data set, its version and
    its day.
    """
    word = re.sub(r"[^a-z0-9]+", "-", dataset.name.lower()).strip("-")[:40].strip("-")
    day = dataset.published.isoformat()
    fields = {
        "title": f"{{{_escaped(dataset.name)}}}",
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in dataset.authors or (NOBODY,)),
        "year": year(dataset.published),
        "version": dataset.version,
        "note": f"Data set, version {dataset.version}, published on {day}",
        **({"url": _address(dataset.url)} if dataset.url else {}),
    }
    inside = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return [f"@misc{{{word or 'data-set'},", *inside, "}"]


def _escaped(text: str) -> str:
    return "".join(_BIBTEX.get(character, character) for character in visible(text))


def _address(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
