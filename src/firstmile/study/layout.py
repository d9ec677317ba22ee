"""The document of a study: which section holds what, and in which order."""

from collections.abc import Mapping, Sequence

import firstmile
from firstmile.findings import Finding, Outcome
from firstmile.rendering.document import Document, Grid, Section
from firstmile.study import judging, verdict_words
from firstmile.study.analysis import Chapter, question
from firstmile.study.analysis import Outcome as AnalysisOutcome
from firstmile.study.codebook_layout import codebook_fact, codebook_section, initiatives_sections
from firstmile.study.counts import Counts
from firstmile.study.estimates import count_of, listed, percent
from firstmile.study.judging import JudgedCondition, Judgement, State, Verdict
from firstmile.study.origin import SourceFacts
from firstmile.study.pictures import claim_figure
from firstmile.study.settings import Settings


def lay_out(
    counts: Counts,
    source: SourceFacts,
    findings: Sequence[Finding],
    settings: Settings,
    outcomes: Mapping[str, AnalysisOutcome],
    judgements: tuple[Judgement, ...],
) -> Document:
    """Lay the results out: claims first, then the chapters, then what stands behind them."""
    summary = [verdict_words.tally(judgements)]
    for name in ("symptom_shares", "cause_shares", "symptom_by_cause"):
        if name in outcomes and outcomes[name].result is not None:
            summary.append(outcomes[name].analysis.sentences(outcomes[name].result)[0])
    summary += _not_answered(outcomes)
    return Document(
        title=_title(source),
        subtitle=f"{count_of(counts.total)} labelled failures from {source.name}",
        summary=tuple(summary),
        facts=_facts(counts, source, settings),
        sections=(
            _claims_section(judgements, source),
            *_chapters(outcomes, source),
            _quality_section(findings, source),
            codebook_section(counts.taxonomy),
            *initiatives_sections(counts.taxonomy),
            _method_section(settings),
        ),
    )


def _title(source: SourceFacts) -> str:
    if source.is_published_set:
        return "How open-weight language models fail for their users"
    return f"How language models fail: {source.name}"


def _not_answered(outcomes: Mapping[str, AnalysisOutcome]) -> tuple[str, ...]:
    """Name the analyses that the source cannot answer, each with the reason."""
    by_reason: dict[str, list[str]] = {}
    for outcome in outcomes.values():
        if outcome.missing:
            reason = outcome.missing.partition(":")[0]
            by_reason.setdefault(reason, []).append(outcome.analysis.HEADING)
    if not by_reason:
        return ()
    parts = [f"{listed(own).lower()} ({why})" for why, own in by_reason.items()]
    return (f"Not answered: {'; '.join(parts)}.",)


def _facts(counts: Counts, source: SourceFacts, settings: Settings) -> tuple[tuple[str, str], ...]:
    return (
        ("Source", source.name),
        ("Format", source.format),
        *((("Fetched", source.fetched_at),) if source.fetched_at else ()),
        ("Failures", count_of(counts.total)),
        ("firstmile", firstmile.__version__),
        ("Codebook", codebook_fact(counts.taxonomy)),
        ("Seed", str(settings.seed)),
    )


def _claims_section(judgements: Sequence[Judgement], source: SourceFacts) -> Section:
    """Lay the claims out; those that others' failures cannot judge are one line to be opened."""
    folded: tuple[Judgement, ...] = ()
    if not source.is_published_set:
        folded = tuple(j for j in judgements if j.verdict is Verdict.CANNOT_BE_JUDGED)
    open_ones = tuple(j for j in judgements if j not in folded)
    return Section(
        id="claims",
        heading="Claims and verdicts",
        question="Which of the published claims do these failures support?",
        sentences=(verdict_words.tally(judgements),),
        figures=(claim_figure(open_ones),) if open_ones else (),
        grids=(_claims_grid(open_ones),) if open_ones else (),
        notes=(
            "A claim is supported when all its conditions hold, partly when some do, not "
            "supported when none holds and one fails, and cannot be judged otherwise. A "
            "condition on an interval holds when the whole interval meets it; the absence of "
            "significance never counts as similarity. Asking that all conditions hold needs no "
            "correction for their number (an intersection-union test); one that holds among "
            "several may be chance, which is why such a claim is supported partly at most.",
        ),
        sections=(
            *(_claim_section(judgement, source) for judgement in open_ones),
            *((_unjudged_section(folded),) if folded else ()),
        ),
    )


def _unjudged_section(judgements: Sequence[Judgement]) -> Section:
    return Section(
        id="claims-not-judged",
        heading="Claims that cannot be judged",
        folded=f"{len(judgements)} {'claim' if len(judgements) == 1 else 'claims'} that these "
        "failures cannot judge, and what is missing",
        grids=(
            Grid(
                id="claims-not-judged",
                caption="Every claim that cannot be judged",
                header=("Claim", "What is missing", "Source"),
                rows=tuple(
                    (j.claim.sentence, _lacking(j), j.claim.source.title) for j in judgements
                ),
                links={(row, 2): j.claim.source.url for row, j in enumerate(judgements)},
            ),
        ),
    )


def _lacking(judgement: Judgement) -> str:
    """Say what keeps a claim from being judged: what is absent, else what the failures leave."""
    if judgement.conditions[0].state is State.NOT_IN_CODEBOOK:
        return f"{judgement.conditions[0].would_change}."
    absent = [c.would_change for c in judgement.conditions if c.state is State.NOT_KNOWN]
    unsure = [c.would_change for c in judgement.conditions if c.state is State.OPEN]
    reasons = [reason.removeprefix(judging.GIVES_IT) for reason in (*absent, *unsure)]
    return f"{'; '.join(dict.fromkeys(reasons))}."


def _claims_grid(judgements: Sequence[Judgement]) -> Grid:
    return Grid(
        id="claims",
        caption="Every claim with its verdict and the numbers behind it",
        header=("Claim", "Source", "Verdict", "What decides it"),
        rows=tuple(
            (
                j.claim.sentence,
                j.claim.source.title,
                j.verdict.value,
                "; ".join(
                    f"{item.condition.says}: {verdict_words.shown(item)}" for item in j.conditions
                ),
            )
            for j in judgements
        ),
        links={(row, 1): j.claim.source.url for row, j in enumerate(judgements)},
        mark_columns=frozenset({2}),
    )


def _claim_section(judgement: Judgement, source: SourceFacts) -> Section:
    """Lay a claim out; its remark is about the failures that it was made of, and no others."""
    claim = judgement.claim
    sentences = [verdict_words.reason(judgement)]
    if judgement.noise_shares:
        each = ", ".join(
            f"{percent(share, decimals=0)} at {rate:.0%}"
            for rate, share in zip(judgement.noise_rates, judgement.noise_shares, strict=True)
        )
        sentences.append(
            f'Under label noise the conclusion "{judgement.noise_says}" stays significant in this '
            f"share of relabellings, by noise rate: {each}."
        )
    if claim.contradicts:
        titles = {other.id: other.title for other in judging.load_claims()}
        others = listed([titles[other] for other in claim.contradicts])
        sentences.append(f"It contradicts another published claim: {others}.")
    return Section(
        id=f"claim-{claim.id.replace('_', '-')}",
        heading=claim.title,
        question=f"{claim.sentence} ({claim.source.title}, {claim.source.place})",
        sentences=tuple(sentences),
        grids=(_conditions_grid(judgement),),
        notes=(claim.remark,) if claim.remark and source.is_published_set else (),
        marks=(
            judgement.verdict.value,
            *(("exploratory",) if any(c.exploratory for c in claim.condition) else ()),
        ),
    )


def _conditions_grid(judgement: Judgement) -> Grid:
    return Grid(
        id=f"claim-{judgement.claim.id.replace('_', '-')}",
        caption=f"What decides it: {judgement.claim.title.lower()}",
        header=("Condition", "Estimate", "State", "What would change it"),
        rows=tuple(
            (
                item.condition.says + (" (exploratory)" if item.condition.exploratory else ""),
                verdict_words.shown(item),
                item.state.value,
                _would_change(item),
            )
            for item in judgement.conditions
        ),
        mark_columns=frozenset({2}),
    )


def _would_change(item: JudgedCondition) -> str:
    """Return what would change a state; which key of the results is absent is in report.json."""
    if item.state is State.NOT_KNOWN:
        return "a source that gives it"
    return item.would_change


def _chapters(outcomes: Mapping[str, AnalysisOutcome], source: SourceFacts) -> tuple[Section, ...]:
    chapters = []
    for chapter in Chapter:
        own = [o for o in outcomes.values() if o.analysis.CHAPTER is chapter]
        if own:
            chapters.append(
                Section(
                    id=_slug(chapter.name),
                    heading=chapter.value,
                    sections=tuple(_analysis_section(outcome, source) for outcome in own),
                )
            )
    return tuple(chapters)


def _analysis_section(outcome: AnalysisOutcome, source: SourceFacts) -> Section:
    analysis = outcome.analysis
    exploratory = getattr(analysis, "EXPLORATORY", False)
    marks = ("exploratory",) if exploratory else ()
    paragraphs = (analysis.__doc__ or "").strip().split("\n\n")[1:]
    notes = tuple(" ".join(paragraph.split()) for paragraph in paragraphs)
    if source.is_published_set:
        notes += getattr(analysis, "PUBLISHED_SET_NOTES", ())
    if outcome.missing is not None:
        return Section(
            id=_slug(outcome.id),
            heading=analysis.HEADING,
            question=question(analysis),
            notes=notes,
            marks=marks,
            missing=f"Not known from this source: {outcome.missing}.",
        )
    result = outcome.result
    return Section(
        id=_slug(outcome.id),
        heading=analysis.HEADING,
        question=question(analysis),
        sentences=analysis.sentences(result),
        figures=analysis.figures(result),
        grids=analysis.grids(result),
        notes=(*notes, *(f"Missing here: {m}." for m in getattr(result, "missing", ()))),
        marks=marks,
    )


def _quality_section(findings: Sequence[Finding], source: SourceFacts) -> Section:
    found = sum(f.outcome in (Outcome.WARN, Outcome.FAIL) for f in findings)
    passed = sum(f.outcome is Outcome.PASS for f in findings)
    if not source.has_rows:
        return Section(
            id="data-quality",
            heading="Data quality",
            question="What is wrong with the data, and where?",
            missing="Not known from this source: needs the rows.",
        )
    return Section(
        id="data-quality",
        heading="Data quality",
        question="What is wrong with the data, and where?",
        sentences=(
            f"Of {len(findings)} rules, {found} found something, {passed} looked and found "
            f"nothing, and {len(findings) - found - passed} could not look. Nothing was dropped: "
            "every normalization is listed.",
        ),
        grids=(_findings_grid(findings), _evidence_grid(findings), _files_grid(source)),
    )


def _findings_grid(findings: Sequence[Finding]) -> Grid:
    order = list(Outcome)
    ranked = sorted(findings, key=lambda f: -order.index(f.outcome))
    return Grid(
        id="data-quality",
        caption="What each rule found",
        header=("Rule", "Outcome", "Finding", "Places"),
        rows=tuple((f.source, f.outcome.value, f.message, len(f.evidence)) for f in ranked),
        decimals={3: 0},
    )


def _evidence_grid(findings: Sequence[Finding]) -> Grid:
    return Grid(
        id="data-quality-places",
        caption="Every place that a rule found",
        header=("Rule", "File", "Record", "Text"),
        rows=tuple(
            (f.source, e.file or "", e.record, e.text) for f in findings for e in f.evidence
        ),
        decimals={2: 0},
    )


def _files_grid(source: SourceFacts) -> Grid:
    return Grid(
        id="files",
        caption="Files that were read",
        header=("File", "Records", "Bytes", "SHA-256"),
        rows=tuple((f.name, f.records, f.bytes, f.sha256) for f in source.files),
        decimals={1: 0, 2: 0},
    )


def _method_section(settings: Settings) -> Section:
    return Section(
        id="method",
        heading="Method",
        question="How were these numbers made?",
        sentences=(
            f"Intervals are {settings.confidence:.0%} intervals: Wilson for shares, Newcombe for "
            "differences between groups, adjusted Wald for differences within one, a scaled "
            "noncentral chi-square for Cramer's V, Newcombe and a bootstrap for total variation. "
            "How often each covers is measured in the documentation.",
            "Each cell of a table is tested by its adjusted residual, or exactly (hypergeometric) "
            "where fewer than 5 failures are expected. Where groups are compared category by "
            "category, p is corrected by Holm's method and a second interval by Bonferroni's; "
            "claims about changes between versions rest on the corrected intervals.",
            f"Permutation tests exchange labels {settings.permutations:,} times with both margins "
            f"fixed; bootstraps draw {settings.bootstraps:,} times; each noise rate is simulated "
            f"{settings.noise_replicates:,} times. The seed is {settings.seed}.",
            f"Similarity is claimed against a margin of {settings.margin:.2f} total variation: an "
            "interval inside supports it, one wholly outside refutes it, and anything else cannot "
            "be judged.",
        ),
    )


def _slug(name: str) -> str:
    return name.lower().replace("_", "-")
