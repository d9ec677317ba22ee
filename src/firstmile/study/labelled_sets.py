"""What a study starts from: counts, where they came from, and what is wrong with them."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.findings import Evidence, Finding, Outcome
from firstmile.rendering.files import bring_back
from firstmile.rendering.inert import visible
from firstmile.study.counts import Counts, RowCounts
from firstmile.study.embedded import read_embedded
from firstmile.study.folder import PUBLISHED, is_study
from firstmile.study.origin import SourceFacts, SourceFile
from firstmile.study.reading import Reading, read_source
from firstmile.study.reading.addresses import is_address
from firstmile.study.reading.codebooks import PUBLICATION, publication
from firstmile.study.reading.folders import NamedFiles
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import shown
from firstmile.study.reading.source import STUDY_FILE
from firstmile.study.wrong_folder import called, studies_in
from firstmile.taxonomy.toml_text import read_toml, text_of

EMBEDDED: Final = "embedded"
"""The source that stands for the published figures that come with the package."""

PACKAGED: Final = "firstmile:"
"""How the names of the other sets that come with the package begin."""

CHANGED: Final = "changed-since-published"
"""The rule by which the files of a published set are those of its checksums."""

_LONGEST_BYTES: Final = 1024 * 1024
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """A source, opened."""

    counts: Counts
    facts: SourceFacts
    findings: tuple[Finding, ...]

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong with the source itself, which a reader must know before its figures."""
        return tuple(one.message for one in self.findings if one.outcome is Outcome.FAIL)


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
    if source.startswith(PACKAGED):
        return _casebook(source)
    place = _published(source)
    reading = _read(place)
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
        findings=(*reading.findings, *_as_published(place)),
    )


def _casebook(source: str) -> LabelledSet:
    """Open the casebook, or a part of it, by its name."""
    from firstmile.study.embedded.casebook import CASEBOOK, SOURCES, read_casebook

    if source not in SOURCES:
        raise UserError(
            f"{shown(source)} is no set that comes with firstmile"
            f"{nearest(source, SOURCES) or f'; there is {CASEBOOK}'}."
        )
    read = read_casebook(source)
    part = source.removeprefix(CASEBOOK).removeprefix(":")
    return LabelledSet(
        counts=RowCounts(read.failures),
        facts=SourceFacts(
            name=f"the casebook of firstmile{f' ({part} labels)' if part else ''}",
            format="cases",
            has_rows=True,
            chosen="the cases were chosen to show every kind of failure, so shares say nothing",
            files=tuple(
                SourceFile(name=f.name, sha256=f.sha256, bytes=f.bytes, records=f.records)
                for f in read.files
            ),
        ),
        findings=read.findings,
    )


def _as_published(source: str) -> tuple[Finding, ...]:
    """Judge whether the published folder that a source lies in is as it was published."""
    if is_address(source):
        return ()
    whole = Path(source).resolve()
    for folder in (whole, whole.parent):
        if publication(NamedFiles(folder)) is not None:
            from firstmile.study.publishing.verifying import altered

            return (_judged(altered(folder)),)
    return ()


def _judged(wrong: Sequence[str]) -> Finding:
    if not wrong:
        message = "the files of the published set are those of its checksums"
        return Finding(source=CHANGED, outcome=Outcome.PASS, message=message)
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return Finding(
        source=CHANGED,
        outcome=Outcome.FAIL,
        message=f"the published set is not as it was published: {wrong[0]}{more}",
        evidence=tuple(Evidence(text=one) for one in wrong),
        remedy="get it anew from where it was published, or publish the study again",
    )


def _read(source: str) -> Reading:
    """Read a source; where it is a folder of studies, the error says which ones are in it."""
    try:
        return read_source(source)
    except UserError as error:
        elsewhere = ""
        # A folder that may not be entered is what the error is about.
        with contextlib.suppress(OSError):
            folder = Path(source)
            if not is_address(source) and not (folder / STUDY_FILE).exists():
                elsewhere = studies_in(folder)
        if elsewhere:
            raise UserError(
                f"{shown(source)} is no set of labelled failures, and no study's folder, but "
                f"{elsewhere} instead."
            ) from error
        raise


def _published(source: str) -> str:
    """Return the published set of a study's folder or study.toml; any other source as it is."""
    folder = Path(source)
    if folder.name == STUDY_FILE and is_study(folder.parent):
        folder = folder.parent
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
            f"The study in {called(folder)} is not published yet: firstmile study publish "
            f"{called(folder)} makes the set that the report reads."
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
