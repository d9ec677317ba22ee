"""A study's folder as a data set: rows, decisions under pseudonyms, funnel and figures."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

import firstmile
from firstmile.study.agreement import data, sentences
from firstmile.study.archive import PageHead
from firstmile.study.decisions import Decisions, LabelValue
from firstmile.study.design import Design
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Funnel, Place, Standing
from firstmile.study.model_rater.cost import MODEL_RATED
from firstmile.study.overview import make_overview, read_exclusions
from firstmile.study.plain import plain
from firstmile.study.publishing.dataset import (
    Dataset,
    DecidedBy,
    FailureRow,
    FunnelFacts,
    ThreadFacts,
    Versions,
    without_words,
)
from firstmile.study.publishing.pseudonyms import pseudonyms, public_design, rater_facts
from firstmile.study.publishing.public_decisions import (
    public_decision,
    public_judgement,
    public_reason,
)
from firstmile.study.publishing.redactions import redactions
from firstmile.study.publishing.words import Words
from firstmile.study.reading.series import series_of, series_of_repository
from firstmile.study.rounds import study_agreement
from firstmile.study.same_failure import JUDGED, Judgement
from firstmile.study.screening_run import audit_bound, recall_sentences
from firstmile.study.settings import Settings

OPEN_PLACES: Final = (Place.TO_SCREEN, Place.TO_VERIFY, Place.TO_LABEL, Place.TO_ADJUDICATE)
"""Where issues wait for a decision."""

_DECIDED: Final = {
    "adjudicated": DecidedBy.ADJUDICATED,
    "agreed": DecidedBy.AGREED,
}


def gather(
    folder: StudyFolder,
    decisions: Decisions,
    *,
    published: date,
    text: bool | None = None,
    settings: Settings | None = None,
) -> Dataset:
    """Return what a study publishes; `text` overrules its design.

    Rows, decisions and figures are of one moment, though raters may go on meanwhile. Raises
    UserError where nothing is labelled yet or something cannot be published.
    """
    with decisions.as_of_now():
        return _gathered(folder, decisions, published=published, text=text, settings=settings)


def _gathered(
    folder: StudyFolder,
    decisions: Decisions,
    *,
    published: date,
    text: bool | None,
    settings: Settings | None,
) -> Dataset:
    design = folder.design
    history = decisions.history()
    judged = _judgements(decisions)
    names = pseudonyms(design, [*history, *judged])
    overview = make_overview(folder, decisions)
    heads = [page.head for page in folder.archive.pages()]
    days = _days(folder, heads)
    bound = audit_bound(folder, decisions, overview.funnel)
    figures, said = _agreement(folder, decisions, names, settings)
    deleted = _deleted(folder)
    words = Words(folder)
    rows = tuple(_rows(folder, overview.funnel, words))
    made = (public_decision(one, names[one.rater], words) for one in history)
    pairs = (
        public_judgement(one, names[one.rater], words, order=place)
        for place, one in enumerate(judged, 1)
    )
    return Dataset(
        name=design.study.name,
        question=design.study.question,
        authors=design.study.authors,
        contact=design.publish.contact,
        license=design.publish.license,
        version=design.publish.version,
        url=design.publish.url,
        ecosystem=design.study.ecosystem,
        stated=design.datasheet,
        published=published,
        collected=(days[0], days[-1]) if days else None,
        rows=tuple(without_words(one) if one.issue in deleted else one for one in rows),
        decisions=tuple(without_words(one) if one.issue in deleted else one for one in made),
        deleted=deleted,
        threads=_threads(folder, {row.issue for row in rows}),
        waiting={
            place.value: number
            for place in OPEN_PLACES
            if (number := len(overview.funnel.at(place)))
        },
        raters=rater_facts(design, names, [*history, *judged], decisions.events(MODEL_RATED)),
        funnel=_funnel(overview.funnel),
        agreement=figures,
        agreement_said=said,
        screening={} if bound is None else plain(bound),
        screening_said=()
        if bound is None
        else tuple(recall_sentences(folder, decisions, overview.funnel)),
        design=public_design(design, names),
        codebook=folder.taxonomy,
        versions=Versions(
            firstmile=firstmile.__version__,
            codebook=folder.taxonomy.version,
            redaction=_redaction(heads),
        ),
        repositories=overview.repositories,
        redactions=redactions(folder.archive),
        judgements=tuple(without_words(one) if deleted & {*one.issues} else one for one in pairs),
        text=design.publish.text if text is None else text,
        secrets=(folder.key.hex(), *(folder.token(rater.name) for rater in design.raters)),
    )


def _judgements(decisions: Decisions) -> list[Judgement]:
    """Return all judgements on duplicates, oldest first, those that a later one overruled too."""
    return [
        msgspec.convert({**event.data, "at": event.at}, Judgement)
        for event in decisions.events(JUDGED)
    ]


def _deleted(folder: StudyFolder) -> frozenset[str]:
    """Return the issues that were deleted where they stood: their words are not ours to keep up.

    Whoever deletes an issue takes back what it says, and raters' quotes and notes repeat that.
    Labels and link stay: a study that dropped them would change its figures with every deletion,
    and a link that leads nowhere names nobody.
    """
    table = folder.store.table(["url", "deleted"])
    pairs = zip(table.column("url").to_pylist(), table.column("deleted").to_pylist(), strict=True)
    return frozenset(url for url, deleted in pairs if deleted)


def _threads(folder: StudyFolder, labelled: Collection[str]) -> ThreadFacts | None:
    """Return what is missing of the comments on labelled issues, None where nothing is."""
    table = folder.store.table(["url", "missing_comments"])
    pairs = zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True)
    short = {url: missing for url, missing in pairs if missing and url in labelled}
    if not short:
        return None
    held = (folder.store.issue(url) for url in short)
    return ThreadFacts(
        issues=len(short),
        missing=sum(short.values()),
        bare=sum(issue is not None and not issue.comments for issue in held),
    )


def _rows(folder: StudyFolder, funnel: Funnel, words: Words) -> Iterator[FailureRow]:
    leaders = {
        one.detail
        for one in read_exclusions(folder).values()
        if one.step is Place.DUPLICATE and one.detail
    }
    labelled = {
        url: standing
        for url, standing in funnel.standings.items()
        if standing.place is Place.LABELLED and standing.labels is not None
    }
    wanted = ["url", "repository", "number", "title", "state", "created_at", "closed_at"]
    table = folder.store.table(wanted)
    for issue in zip(*(table.column(name).to_pylist() for name in wanted), strict=True):
        url, repository, number, title, state, created, closed = issue
        if url in labelled:
            yield _row(
                labelled[url],
                words,
                issue=url,
                repository=repository,
                number=number,
                title=title,
                status=state,
                created=_day(created),
                closed=_day(closed),
                duplicate_group=url if url in leaders else None,
                **_model(folder.design, repository),
            )


def _model(design: Design, repository: str) -> dict[str, str | None]:
    """Return series, version and architecture as the design states them for a repository.

    A series that is not stated is the one that the version names, or that a repository of the
    published set is of; what other repositories are called says nothing.
    """
    stated = design.model_of(repository)
    version = stated.version.strip() if stated else ""
    return {
        "series": (stated.series.strip() if stated else "")
        or series_of_repository(repository)
        or series_of(version),
        "version": version or None,
        "architecture": (stated.architecture.strip() if stated else "") or None,
    }


def _row(standing: Standing, words: Words, *, issue: str, **known: Any) -> FailureRow:
    labels = standing.labels or LabelValue()
    return FailureRow(
        issue=issue,
        symptom=labels.symptom or "",
        cause=labels.cause or "",
        stage=labels.stage or "",
        confidence=labels.confidence.value,
        quote=words.quote(labels.quote, issue),
        decided_by=_DECIDED.get(standing.decided, DecidedBy.SINGLE),
        **known,
    )


def _funnel(funnel: Funnel) -> tuple[FunnelFacts, ...]:
    machine = {
        one.reason
        for one in funnel.standings.values()
        if one.place not in (Place.SCREENED_OUT, Place.VERIFIED_OUT)
    }
    found = []
    for step in funnel.steps:
        reasons: dict[str, int] = {}
        for reason, number in step.reasons.items():
            name = reason if reason in machine else public_reason(reason)
            reasons[name] = reasons.get(name, 0) + number
        found.append(
            FunnelFacts(
                name=step.name,
                entered=step.entered,
                left=step.left,
                waiting=step.waiting,
                passed=step.passed,
                reasons=reasons,
            )
        )
    return tuple(found)


def _agreement(
    folder: StudyFolder,
    decisions: Decisions,
    names: Mapping[str, str],
    settings: Settings | None,
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the agreement under pseudonyms, in plain form and in sentences.

    What a pilot or a codebook needs next is left out of the sentences: it is for the raters.
    """
    report = study_agreement(folder, decisions, settings=settings, names=names)
    return data(report), sentences(msgspec.structs.replace(report, pilot=None), advice=False)


def _days(folder: StudyFolder, heads: Sequence[PageHead]) -> list[date]:
    """Return the days on which something was fetched or looked for, in order."""
    latest = (
        folder.archive.last(source, target)
        for source, target in {(head.source, head.target) for head in heads}
    )
    looked = [*heads, *(head for head in latest if head is not None)]
    return sorted(date.fromisoformat(head.fetched_at[:10]) for head in looked)


def _redaction(heads: Iterable[PageHead]) -> str:
    return ", ".join(sorted({head.redaction for head in heads})) or "not known"


def _day(time: str | None) -> date | None:
    return date.fromisoformat(time[:10]) if time else None
