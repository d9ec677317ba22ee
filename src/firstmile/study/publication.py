"""What a study on disk publishes: its final labels and decisions, without names."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

import firstmile
from firstmile import redaction
from firstmile.study import agreement
from firstmile.study.decisions import (
    Decision,
    Decisions,
    LabelValue,
    ScreenValue,
    Step,
    label_of,
    screen_of,
)
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Funnel, Place, Standing, funnel_data
from firstmile.study.issues import Issue
from firstmile.study.overview import make_overview, read_exclusions
from firstmile.study.publishing.dataset import (
    Dataset,
    DecidedBy,
    FailureRow,
    FunnelFacts,
    RaterDecision,
    RaterFacts,
    Versions,
)
from firstmile.study.reading.series import series_of
from firstmile.study.rounds import study_agreement
from firstmile.study.screening_run import audit_bound

_DECIDED = {
    "agreed": DecidedBy.AGREED,
    "adjudicated": DecidedBy.ADJUDICATED,
    "single rater": DecidedBy.SINGLE,
}


def make_dataset(
    folder: StudyFolder, decisions: Decisions, *, published: date, text: bool | None = None
) -> Dataset:
    """Return what a study publishes; raises UserError where nothing is final yet.

    Raters become rater-1, rater-2, ... in the order of the study.toml. `text` overrules the
    study.toml.
    """
    design = folder.design
    overview = make_overview(folder, decisions)
    names = _pseudonyms(folder, decisions)
    collected, redactions = _collecting(folder)
    bound = audit_bound(folder, decisions, overview.funnel)
    found = agreement.data(study_agreement(folder, decisions, names=names))
    return Dataset(
        name=design.study.name,
        question=design.study.question,
        published=published,
        rows=_rows(folder, overview.funnel),
        codebook=folder.taxonomy,
        versions=Versions(
            firstmile=firstmile.__version__,
            codebook=folder.taxonomy.version,
            redaction=str(redaction.VERSION),
        ),
        decisions=tuple(_decision(one, names) for one in decisions.history()),
        raters=tuple(_rater(folder, name, pseudonym) for name, pseudonym in names.items()),
        funnel=tuple(msgspec.convert(step, FunnelFacts) for step in funnel_data(overview.funnel)),
        agreement=found["agreement"],
        screening={} if bound is None else msgspec.to_builtins(bound),
        design=_public_design(folder, names),
        repositories=overview.repositories,
        collected=collected,
        redactions=redactions,
        license=design.publish.license,
        version=design.publish.version,
        url=design.publish.url,
        authors=design.study.authors,
        contact=design.publish.contact,
        ecosystem=design.study.ecosystem,
        text=design.publish.text if text is None else text,
        secrets=(folder.key.hex(), *(folder.token(rater.name) for rater in design.raters)),
    )


def _rows(folder: StudyFolder, funnel: Funnel) -> tuple[FailureRow, ...]:
    final = set(funnel.at(Place.LABELLED))
    groups = {one.detail for one in read_exclusions(folder).values() if one.detail}
    return tuple(
        _row(issue, funnel.standings[issue.url], grouped=issue.url in groups)
        for issue in folder.store.issues()
        if issue.url in final
    )


def _row(issue: Issue, standing: Standing, *, grouped: bool) -> FailureRow:
    labels = standing.labels or LabelValue()
    return FailureRow(
        issue=issue.url,
        repository=issue.repository,
        number=issue.number,
        symptom=labels.symptom or "",
        cause=labels.cause or "",
        stage=labels.stage or "",
        decided_by=_DECIDED[standing.decided],
        series=series_of(issue.repository),
        version=issue.repository.partition("/")[2],
        status=issue.state,
        created=_day(issue.created_at),
        closed=_day(issue.closed_at),
        duplicate_group=issue.url if grouped else None,
        confidence=labels.confidence.value,
        title=issue.title,
        quote=labels.quote or None,
    )


def _day(time: str | None) -> date | None:
    return date.fromisoformat(time[:10]) if time else None


def _decision(one: Decision, names: Mapping[str, str]) -> RaterDecision:
    screened, labelled = ScreenValue(include=True), LabelValue()
    withdrawn = one.value is None
    is_label = one.step in (Step.LABEL, Step.ADJUDICATE)
    if not withdrawn and is_label:
        labelled = label_of(one)
    elif not withdrawn:
        screened = screen_of(one)
    return RaterDecision(
        order=one.id,
        issue=one.issue,
        step=one.step,
        rater=names[one.rater],
        codebook=one.codebook,
        day=date.fromisoformat(one.at[:10]),
        round=one.round,
        withdrawn=withdrawn,
        include=None if withdrawn or is_label else screened.include,
        reason=screened.reason,
        symptom=labelled.symptom,
        cause=labelled.cause,
        stage=labelled.stage,
        confidence=labelled.confidence.value if is_label and not withdrawn else None,
        cannot_tell=labelled.cannot_tell,
        suggested=labelled.suggested,
        quote=labelled.quote or None,
        note=labelled.note or screened.note or None,
        explanation=one.reason or None,
    )


def _pseudonyms(folder: StudyFolder, decisions: Decisions) -> dict[str, str]:
    """Return rater-N for every rater, those who left the study.toml last."""
    known = [rater.name for rater in folder.design.raters]
    gone = sorted({one.rater for one in decisions.history()} - set(known))
    return {name: f"rater-{place}" for place, name in enumerate([*known, *gone], 1)}


def _rater(folder: StudyFolder, name: str, pseudonym: str) -> RaterFacts:
    for rater in folder.design.raters:
        if rater.name == name:
            return RaterFacts(name=pseudonym, kind=rater.kind.value, model=rater.model or None)
    return RaterFacts(name=pseudonym)


def _public_design(folder: StudyFolder, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the design without endpoints, variables' names, contacts and paths."""
    design = msgspec.to_builtins(folder.design)
    design["raters"] = [
        {"name": names[rater.name], "kind": rater.kind.value, "model": rater.model}
        for rater in folder.design.raters
    ]
    for table, keys in (
        ("screen", ("raters", "verifiers")),
        ("label", ("raters", "adjudicators")),
    ):
        for key in keys:
            design[table][key] = [names[name] for name in design[table][key]]
    for source in design["sources"]:
        source["options"].pop("files", None)
        source["options"].pop("api", None)
    design["publish"].pop("contact", None)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(design))
    return plain


def _collecting(folder: StudyFolder) -> tuple[tuple[date, date] | None, dict[str, int]]:
    """Return the first and last day of collecting, and what was taken out of the texts."""
    days: list[str] = []
    counts: dict[str, int] = {}
    for page in folder.archive.pages():
        days.append(page.head.fetched_at[:10])
        for kind, count in page.head.redacted.items():
            counts[kind] = counts.get(kind, 0) + count
    if not days:
        return None, {}
    return (date.fromisoformat(min(days)), date.fromisoformat(max(days))), counts
