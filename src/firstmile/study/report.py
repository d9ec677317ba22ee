"""A study's results gathered: the data of report.json with its schema, and the document."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

import firstmile
from firstmile.findings import Finding
from firstmile.rendering.document import Document, Figure
from firstmile.study import judging
from firstmile.study.analysis import Outcome, analysis_id, find_analyses, run_analyses
from firstmile.study.codebook_naming import named_by
from firstmile.study.counts import Counts
from firstmile.study.judging import Judgement
from firstmile.study.layout import lay_out
from firstmile.study.origin import SourceFacts
from firstmile.study.plain import plain
from firstmile.study.settings import Settings
from firstmile.taxonomy import Origin

SCHEMA_VERSION: Final = "1"


class ReportedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A data-quality finding with the places it was seen at."""

    source: str
    outcome: str
    message: str
    evidence: tuple["ReportedEvidence", ...]


class ReportedEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A quoted text with file and record (from 1)."""

    text: str
    file: str | None
    record: int | None


class OwnCodebook(msgspec.Struct, frozen=True, kw_only=True):
    """The codebook that a source brought along; absent where it is the one of firstmile.

    `sha256` is of the file, or for a folder of the lines that `sha256sum` prints for its files.
    """

    name: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report holds.

    `data` is what report.json holds; the time of the run is not in it, so the same source and
    settings give the same bytes.
    """

    document: Document
    data: Mapping[str, Any]
    judgements: tuple[Judgement, ...]


def make_report(
    counts: Counts,
    source: SourceFacts,
    findings: Sequence[Finding],
    settings: Settings,
    *,
    progress: typing.Callable[[str], None] = lambda _step: None,
    draw: typing.Callable[[Figure], object] = lambda _figure: None,
) -> Report:
    """Analyze, judge the claims, and lay the report out.

    `draw` is given each figure as soon as its analysis has ended, to be drawn meanwhile.
    """

    def begin_figures(outcome: Outcome) -> None:
        if outcome.result is not None:
            for figure in outcome.analysis.figures(outcome.result):
                draw(figure)

    with named_by(counts.taxonomy):
        return _make(counts, source, findings, settings, progress, begin_figures)


def _make(
    counts: Counts,
    source: SourceFacts,
    findings: Sequence[Finding],
    settings: Settings,
    progress: typing.Callable[[str], None],
    done: typing.Callable[[Outcome], None],
) -> Report:
    taxonomy = counts.taxonomy
    outcomes = run_analyses(counts, settings, progress=progress, done=done)
    results = {name: plain(o.result) for name, o in outcomes.items() if o.result is not None}
    missing = {name: o.missing for name, o in outcomes.items() if o.missing}
    progress("Claims")
    measured, lacking = results, missing
    if source.chosen is not None:
        measured, lacking = {}, dict.fromkeys(outcomes, source.chosen)
    judgements = tuple(
        judging.judge(claim, measured, missing=lacking, taxonomy=taxonomy)
        for claim in judging.load_claims()
        if source.is_published_set or not claim.published_set_only
    )
    data = {
        "schema_version": SCHEMA_VERSION,
        "firstmile": firstmile.__version__,
        "codebook": taxonomy.version,
        **({"own_codebook": plain(_codebook(taxonomy.origin))} if taxonomy.origin else {}),
        "source": plain(source),
        "failures": counts.total,
        "settings": _settings(settings),
        "results": {name: results.get(name) for name in outcomes},
        "missing": missing,
        "claims": plain(judgements),
        "findings": plain(_reported(findings)),
    }
    return Report(
        document=lay_out(counts, source, findings, settings, outcomes, judgements),
        data=data,
        judgements=judgements,
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of report.json, from the types of the results."""
    results = msgspec.defstruct(
        "Results",
        [
            (analysis_id(analysis), typing.get_type_hints(analysis.compute)["return"] | None)
            for analysis in find_analyses()
        ],
        kw_only=True,
    )
    whole = msgspec.defstruct(
        "Report",
        [
            ("schema_version", str),
            ("firstmile", str),
            ("codebook", str),
            ("own_codebook", OwnCodebook | msgspec.UnsetType, msgspec.UNSET),
            ("source", SourceFacts),
            ("failures", int),
            ("settings", dict[str, Any]),
            ("results", results),
            ("missing", dict[str, str]),
            ("claims", tuple[Judgement, ...]),
            ("findings", tuple[ReportedFinding, ...]),
        ],
        kw_only=True,
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(whole)}


def _codebook(origin: Origin) -> OwnCodebook:
    return OwnCodebook(name=origin.name, file=origin.file, sha256=origin.sha256)


def _settings(settings: Settings) -> dict[str, Any]:
    return {
        "seed": settings.seed,
        "permutations": settings.permutations,
        "bootstraps": settings.bootstraps,
        "noise_replicates": settings.noise_replicates,
        "noise_rates": list(settings.noise_rates),
        "confidence": settings.confidence,
        "false_discovery_rate": settings.false_discovery_rate,
        "margin": settings.margin,
        "confusions": {axis: matrix.tolist() for axis, matrix in settings.confusions.items()},
    }


def _reported(findings: Sequence[Finding]) -> tuple[ReportedFinding, ...]:
    return tuple(
        ReportedFinding(
            source=finding.source,
            outcome=finding.outcome.value,
            message=finding.message,
            evidence=tuple(
                ReportedEvidence(text=e.text, file=e.file, record=e.record)
                for e in finding.evidence
            ),
        )
        for finding in findings
    )
