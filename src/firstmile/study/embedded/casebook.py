"""The packaged casebook as labelled failures: one row a case, with what must be said of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np
from msgspec.structs import replace

from firstmile.findings import Evidence, Finding, Outcome
from firstmile.knowledge.cases import Case, LabelSource, load_cases
from firstmile.study.agreement.agreeing import Agreement, agree
from firstmile.study.agreement.ratings import Rating, Ratings
from firstmile.study.agreement.report import axis_sentences
from firstmile.study.failures import Column, Failures
from firstmile.study.reading.labelling import label_files
from firstmile.study.reading.provenance import ReadFile
from firstmile.study.reading.quality import judge
from firstmile.study.reading.records import RawFile, Records
from firstmile.study.settings import Settings
from firstmile.taxonomy import Axis, load_taxonomy

CASEBOOK: Final = "firstmile:casebook"
"""The source that stands for all cases."""

SOURCES: Final[dict[str, LabelSource | None]] = {
    CASEBOOK: None,
    f"{CASEBOOK}:published": LabelSource.PUBLISHED,
    f"{CASEBOOK}:two-passes": LabelSource.TWO_PASSES,
}
"""Sources by name, each with the label source of its cases; None is both."""

LABELLED_BY: Final = "labelled-by"
CHOSEN_HOW: Final = "chosen-by-hand"
PASSES_AGREE: Final = "passes-agree-because-chosen"
"""The rules that say who labelled, how the cases were chosen, and how far the passes agree."""

_ANSWERED: Final = "label-of-one-rater"
"""The rule of other sets that LABELLED_BY answers here."""

_FILE: Final = "casebook"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Casebook:
    """Cases as failures; `files` are those that the rows stand in, in order of the rows."""

    failures: Failures
    findings: tuple[Finding, ...]
    files: tuple[ReadFile, ...]


def read_casebook(source: str = CASEBOOK) -> Casebook:
    """Read the packaged cases of a source by name, and judge them as any labelled set."""
    wanted = SOURCES[source]
    cases = [case for case in load_cases() if wanted in (None, case.label_source)]
    read = tuple(_file(case) for case in cases)
    (labelled,) = label_files([_columns(cases, read)], load_taxonomy())
    records = Records(files=(labelled,), failures=labelled.failures)
    general = judge(records, load_taxonomy())
    return Casebook(
        failures=labelled.failures,
        findings=(
            *_own(cases),
            *(_by_file(one, cases) for one in general if one.source != _ANSWERED),
        ),
        files=read,
    )


def passes_of(cases: Sequence[Case]) -> Ratings:
    """Return what the two passes said of each case before a difference was settled."""
    return Ratings(
        ratings=tuple(
            Rating(
                issue=case.url,
                rater=rater,
                symptom=said.symptom,
                cause=said.cause,
                stage=said.stage,
                codebook=load_taxonomy().version,
            )
            for case in cases
            for rater, said in (("first", case.first_pass), ("second", case.second_pass))
            if said is not None
        )
    )


def agreement_of_passes(cases: Sequence[Case]) -> Agreement:
    """Compute how far the two passes agree, by axis and level, with intervals over the cases."""
    return agree(passes_of(cases), Settings(), codebook=load_taxonomy(), terms=False)


def who_labelled(cases: Sequence[Case]) -> str:
    """Say in one sentence whose labels the cases carry."""
    published, passes = _split(cases)
    parts = []
    if published:
        parts.append(f"{_cases(published)} the labels that the study published")
    if passes:
        parts.append(
            f"{_cases(passes)} labels of two passes by language-model raters, each with the "
            "codebook and without sight of the other, and an adjudicated decision where they "
            "differed"
        )
    return "; ".join(parts)


def how_chosen(cases: Sequence[Case]) -> str:
    """Say in one sentence how the cases came in, and what may not be read from them."""
    published, passes = _split(cases)
    parts = []
    if published:
        parts.append(
            f"{published} are those odd-numbered reports of the published set that could be found"
        )
    if passes:
        parts.append(
            f"{passes} were chosen by hand from engines, trainers and tools so that every kind of "
            "failure is covered"
        )
    differ = ", so the two halves differ in how they were sampled" if published and passes else ""
    return (
        f"{'; '.join(parts)}{differ}: no share, difference or trend may be read as how often "
        "anything happens"
    )


def why_agreement_flatters(cases: Sequence[Case]) -> str:
    """Say in one sentence what the agreement of the passes is worth."""
    return (
        f"both passes over {len(passes_of(cases).issues)} cases are by language-model raters, and "
        "cases that were chosen to show a kind of failure are easier to tell than those that "
        "come by chance, which flatters agreement"
    )


def _own(cases: Sequence[Case]) -> tuple[Finding, ...]:
    _, passes = _split(cases)
    found = [
        _finding(CHOSEN_HOW, Outcome.FAIL, how_chosen(cases)),
        _finding(LABELLED_BY, Outcome.WARN if passes else Outcome.PASS, who_labelled(cases)),
    ]
    if passes:
        sentences = [
            sentence.removesuffix(".")
            for axis in agreement_of_passes(cases).axes
            for sentence in axis_sentences(axis, advice=False)[: len(axis.levels)]
        ]
        found.append(_finding(PASSES_AGREE, Outcome.WARN, why_agreement_flatters(cases), sentences))
    return tuple(found)


def _finding(source: str, outcome: Outcome, message: str, evidence: Sequence[str] = ()) -> Finding:
    return Finding(
        source=source,
        outcome=outcome,
        message=message,
        evidence=tuple(Evidence(text=text) for text in evidence),
    )


def _split(cases: Sequence[Case]) -> tuple[int, int]:
    published = sum(case.label_source is LabelSource.PUBLISHED for case in cases)
    return published, len(cases) - published


def _cases(count: int) -> str:
    return f"{count} {'case carries' if count == 1 else 'cases carry'}"


def _file(case: Case) -> ReadFile:
    name = f"{case.id}.toml"
    data = (files("firstmile.knowledge") / "casebook" / name).read_bytes()
    return ReadFile(name=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), records=1)


def _columns(cases: Sequence[Case], read: Sequence[ReadFile]) -> RawFile:
    """Return the cases as the columns of one file; series and repository follow from the links."""
    label = {term.code: term.label for term in load_taxonomy().terms}
    values = {
        axis.value: [label[getattr(case.classification, axis.value)] for case in cases]
        for axis in Axis
    }
    values |= {
        "issue": [case.url for case in cases],
        "cluster": [case.group for case in cases],
    }
    days = [case.reported.isoformat() if case.reported else "NaT" for case in cases]
    return RawFile(
        read=ReadFile(
            name=_FILE,
            sha256=hashlib.sha256("".join(f.sha256 for f in read).encode()).hexdigest(),
            bytes=sum(file.bytes for file in read),
            records=len(cases),
        ),
        columns={role: Column.of(column) for role, column in values.items()},
        fields={role: role for role in values},
        created=np.array(days, dtype="datetime64[D]"),
    )


def _by_file(finding: Finding, cases: Sequence[Case]) -> Finding:
    """Name the file of a case where the rules count its place among all cases."""
    return replace(
        finding,
        evidence=tuple(
            replace(one, file=f"{cases[one.record - 1].id}.toml", record=1)
            if one.file == _FILE and one.record is not None
            else one
            for one in finding.evidence
        ),
    )
