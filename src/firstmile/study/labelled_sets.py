"""What a study starts from: counts, where they came from, and what is wrong with them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.findings import Finding
from firstmile.rendering.files import bring_back
from firstmile.rendering.inert import visible
from firstmile.study.counts import Counts, RowCounts
from firstmile.study.embedded import read_embedded
from firstmile.study.folder import PUBLISHED
from firstmile.study.origin import SourceFacts, SourceFile
from firstmile.study.reading import read_source
from firstmile.study.reading.codebooks import PUBLICATION
from firstmile.study.reading.quoting import shown
from firstmile.study.reading.source import STUDY_FILE
from firstmile.taxonomy.toml_text import read_toml, text_of

EMBEDDED: Final = "embedded"
"""The source that stands for the published figures that come with the package."""

_LONGEST_BYTES: Final = 1024 * 1024
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """A source, opened."""

    counts: Counts
    facts: SourceFacts
    findings: tuple[Finding, ...]


def open_labelled_set(source: str) -> LabelledSet:
    """Open a source given by a user; raises UserError where it cannot be read."""
    if source == EMBEDDED:
        return LabelledSet(
            counts=read_embedded(),
            facts=SourceFacts(
                name="the published figures",
                format="two-way tables and leaf totals",
                has_rows=False,
                is_published_set=True,
                url="https://github.com/PapersSubmit/Open-LLM-Failures",
            ),
            findings=(),
        )
    place = _published(source)
    reading = read_source(place)
    where = reading.provenance
    return LabelledSet(
        counts=RowCounts(reading.failures),
        facts=SourceFacts(
            name=_study_name(place) or where.name,
            format=where.format,
            has_rows=True,
            is_published_set=reading.is_published_set,
            url=where.url,
            fetched_at=where.fetched_at,
            from_cache=where.from_cache,
            files=tuple(
                SourceFile(name=f.name, sha256=f.sha256, bytes=f.bytes, records=f.records)
                for f in where.files
            ),
        ),
        findings=reading.findings,
    )


def _published(source: str) -> str:
    """Return the published set of a study's folder; any other source stays as it is."""
    folder = Path(source)
    try:
        if not (source.strip() and (folder / STUDY_FILE).is_file()):
            return source
        tables = read_toml(text_of(folder / STUDY_FILE, STUDY_FILE), STUDY_FILE)
    except (OSError, UserError):
        return source
    if "study" not in tables:
        return source
    bring_back(folder / PUBLISHED)
    if not (folder / PUBLISHED / STUDY_FILE).is_file():
        raise UserError(
            f"The study in {shown(source)} is not published yet: firstmile study publish "
            f"{shown(source)} makes the set that the report reads."
        )
    return str(folder / PUBLISHED)


def _study_name(source: str) -> str:
    """Return the name of the published study in a folder, nothing where it names none."""
    path = Path(source)
    folder = path.parent if path.name == STUDY_FILE else path
    try:
        with (folder / PUBLICATION).open("rb") as file:
            name = json.loads(file.read(_LONGEST_BYTES))["name"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return visible(" ".join(name.split()))[:_LONGEST_NAME] if isinstance(name, str) else ""
