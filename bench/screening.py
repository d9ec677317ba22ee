"""Measure the screen on issues whose class is known; write docs/screening.md.

    python -m bench.screening [--write FILE] [--seeds N]

Reads engine-issues and nlbse2024 from the folder in FIRSTMILE_DATA.
"""

import argparse
import csv
import gzip
import io
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import numpy as np
import numpy.typing as npt
import sklearn

import firstmile
from bench.duplicates import (
    COPIES,
    ORIGINALS,
    TIMES,
    measure_precision,
    measure_recall,
    measure_repeated,
)
from firstmile.rendering.files import write_whole
from firstmile.study.screening.copies import bodies_once
from firstmile.study.screening.duplicates import Report, group_duplicates
from firstmile.study.screening.evaluation import (
    COSTS,
    FAILURE_LABELS,
    OTHER_LABELS,
    Hits,
    audit,
    by_repository,
    count_hits,
    cross_validated,
    f1_scores,
    keyword_table,
    truth_of,
)
from firstmile.study.screening.keywords import KEYWORDS, keyword_screen, screen_texts
from firstmile.study.screening.ranking import Features, rank_known, read_features
from firstmile.study.screening.simulation import RecallCurve, simulate
from firstmile.study.screening.stripping import (
    frequent_lines,
    screening_text,
    strip_body,
    strip_title,
)

ROOT: Final = Path(__file__).parent.parent
SEEDS: Final = 5
STUDY_PREVALENCE: Final = 705 / 5302
AUDITS: Final = 200
AUDIT_SAMPLE: Final = 200
STOP: Final = 0.75
FAILING_TAGS: Final = ("bug", "install", "performance", "compile", "build", "crash", "ci fail")
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Texts of known class in three forms: as filed, as the keyword screen reads them, stripped."""

    keys: tuple[str, ...]
    titles: tuple[str, ...]
    repositories: tuple[str, ...]
    classes: npt.NDArray[Any]
    raw: tuple[str, ...]
    screened: tuple[str, ...]
    stripped: tuple[str, ...]


def make_corpus(rows: Sequence[tuple[str, str, str, str, Any]]) -> Corpus:
    """Return a corpus of rows of key, repository, title, body and class."""
    filed: dict[str, list[tuple[str, str]]] = {}
    for _key, repository, title, body, _class in rows:
        filed.setdefault(repository, []).append((strip_title(title), body))
    forms = {
        repository: frequent_lines(bodies_once(*map(list, zip(*each, strict=True))))
        for repository, each in filed.items()
    }
    return Corpus(
        keys=tuple(row[0] for row in rows),
        titles=tuple(row[2] for row in rows),
        repositories=tuple(row[1] for row in rows),
        classes=np.array([row[4] for row in rows]),
        raw=tuple(f"{row[2]}\n{row[3]}" for row in rows),
        screened=tuple(screening_text(row[2], row[3], forms[row[1]]) for row in rows),
        stripped=tuple(
            f"{strip_title(row[2])}\n{strip_body(row[3], forms[row[1]])}" for row in rows
        ),
    )


def engine_issues(folder: Path) -> Corpus:
    """Read engine-issues; the class is a boolean, None where the labels don't tell."""
    rows = []
    with gzip.open(folder / "engine-issues/issues.jsonl.gz") as file:
        for line in file:
            issue = msgspec.json.decode(line)
            repository = "/".join(issue["html_url"].split("/")[3:5])
            key = f"{repository}#{issue['number']}"
            truth = truth_of(issue["labels"])
            rows.append((key, repository, issue["title"], issue["body"] or "", truth))
    return make_corpus(rows)


def nlbse(folder: Path) -> Corpus:
    """Read nlbse2024."""
    csv.field_size_limit(2**30)
    with gzip.open(folder / "nlbse2024/issues_train.csv.gz", "rt", encoding="utf-8") as file:
        found = list(csv.DictReader(io.StringIO(file.read())))
    return make_corpus(
        [
            (f"{row['repo']} row {place}", row["repo"], row["title"], row["body"], row["label"])
            for place, row in enumerate(found)
        ]
    )


def known(corpus: Corpus) -> tuple[Corpus, Truth]:
    """Return the issues whose class the labels tell."""
    places = [place for place, each in enumerate(corpus.classes) if each is not None]

    def some(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values[place] for place in places)

    truth = np.array([bool(corpus.classes[place]) for place in places])
    return (
        Corpus(
            keys=some(corpus.keys),
            titles=some(corpus.titles),
            repositories=some(corpus.repositories),
            classes=truth,
            raw=some(corpus.raw),
            screened=some(corpus.screened),
            stripped=some(corpus.stripped),
        ),
        truth,
    )


def prefix_rule(titles: Sequence[str], truth: Truth) -> tuple[Hits, Hits]:
    """Decide by a title's tag alone; return how it did where there is one, and over all titles.

    A title without a tag is taken for a failure, the larger class.
    """
    tags = [title[: len(title) - len(strip_title(title))].lower() for title in titles]
    tagged = np.array([bool(tag.strip()) for tag in tags])
    failing = np.array([any(word in tag for word in FAILING_TAGS) for tag in tags])
    return count_hits(failing[tagged], truth[tagged]), count_hits(failing | ~tagged, truth)


def keyword_part(corpus: Corpus, truth: Truth) -> str:
    """Return the section on keywords."""
    named = KEYWORDS[:1]
    rows = []
    for what, groups in (("the three named words", named), ("the whole list", KEYWORDS)):
        for form, texts in (
            ("as filed", corpus.raw),
            ("title as filed, body stripped (as a study screens)", corpus.screened),
            ("stripped", corpus.stripped),
        ):
            hits = count_hits(screen_texts(texts, groups), truth)
            rows.append(
                f"| {what} | {form} | {hits.recall:.3f} | {hits.precision:.3f} | {hits.kept:.3f} |"
            )
    _, by_group, by_word = keyword_table(corpus.stripped, truth)
    group_lines = "\n".join(
        f"| {name} | {hits.recall:.3f} | {hits.precision:.3f} |" for name, hits in by_group.items()
    )
    share = truth.mean()
    words = "\n".join(
        f"| {word} | {a / max(1, truth.sum()):.3f} | {a / (a + b):.3f} | {a + b} | {c} | {d} |"
        for word, (a, b, c, d) in by_word.items()
        if a + b >= 5
    )
    rare = [word for word, (a, b, _c, _d) in by_word.items() if a + b < 5]
    lines = "\n".join(rows)
    return f"""## Keywords

Only three words of the study's list were ever published. Recall is the share of failures let
through, precision the share of failures among what is let through (all texts: {share:.3f}).

| list | text | recall | precision | let through |
|---|---|---|---|---|
{lines}

Each group alone, on stripped text:

| group | recall | precision |
|---|---|---|
{group_lines}

Each keyword that at least five stripped texts hold. *Alone* counts the texts that hold no other
keyword of the list, failures and others: what the list would lose, and be spared, without it. The
{len(rare)} others are too rare in this sample to be judged by it; the Chinese ones are on the list
by reasoning, since few of these reports are Chinese.

| keyword | recall | precision | texts | failures alone | others alone |
|---|---|---|---|---|---|
{words}
"""


def classifier_part(corpus: Corpus, truth: Truth, seeds: int) -> str:
    """Return the section on classifying and ranking."""
    tagged, titles = prefix_rule(corpus.titles, truth)
    rows, curves = [], []
    for form, texts in (("as filed", corpus.raw), ("stripped", corpus.stripped)):
        features = read_features(texts, repositories=corpus.repositories)
        fixed = [f1_scores(cross_validated(features, truth, seed=seed), truth) for seed in (0, 1)]
        nested = f1_scores(cross_validated(features, truth, seed=0, costs=COSTS), truth)
        rows.append(
            f"| {form} | {np.mean([each['True'] for each in fixed]):.3f} "
            f"| {np.mean([each['macro'] for each in fixed]):.3f} | {nested['macro']:.3f} |"
        )
        curves += [
            _curves(f"{form}, from the keywords", features, truth, seeds),
            _curves(f"{form}, from ten at random", features, truth, seeds, start="random"),
            _rare(f"{form}, failures thinned to {STUDY_PREVALENCE:.0%}", features, truth, seeds),
        ]
    table, replays = "\n".join(rows), "\n".join(curves)
    return f"""## Classifying

The title's tag alone is right **{tagged.accuracy:.1%}** of the time where there is one, and
{titles.accuracy:.1%} over all titles if one without is taken for a failure: that is what a
classifier of whole reports mostly learns. So everything is reported with forms left in and
stripped. F1 by 10-fold cross-validation; *cost
chosen within* picks the classifier's one setting by a cross-validation inside each training set.

| text | F1 of failures | macro F1 | macro F1, cost chosen within |
|---|---|---|---|
{table}

## Ranking

The reviewer screen replayed: {seeds} seeds, mean (range). With {truth.mean():.0%} failures, half of
the reading can find at most {0.5 / truth.mean():.3f} of them; the ceiling stands beside each
figure. Work saved is over reading in random order, at a recall of 95% (WSS@95).

| text and start | recall at half the reading | at best | work saved at 95% | at best |
|---|---|---|---|---|
{replays}
"""


def _curves(name: str, features: Features, truth: Truth, seeds: int, **options: Any) -> str:
    curves = [simulate(features, truth, seed=seed, **options) for seed in range(seeds)]
    return _row(name, curves, float(truth.mean()))


def _rare(name: str, features: Features, truth: Truth, seeds: int) -> str:
    """Replay with failures as rare as in the published funnel, drawn anew for each seed."""
    failures, others = np.flatnonzero(truth), np.flatnonzero(~truth)
    count = round(len(others) * STUDY_PREVALENCE / (1 - STUDY_PREVALENCE))
    curves = []
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).choice(failures, size=count, replace=False)
        places = np.sort(np.concatenate([drawn, others]))
        some = Features(features.matrix[places], features.keyword_scores[places])
        curves.append(simulate(some, truth[places], seed=seed))
    return _row(name, curves, STUDY_PREVALENCE)


def _row(name: str, curves: Sequence[RecallCurve], prevalence: float) -> str:
    half = _spread([curve.recall_at(0.5) for curve in curves])
    saved = _spread([curve.work_saved(0.95) for curve in curves])
    best = min(1.0, 0.5 / prevalence)
    ceiling = np.mean([curve.work_savable(0.95) for curve in curves])
    return f"| {name} | {half} | {best:.3f} | {saved} | {ceiling:.3f} |"


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def whole_part(corpus: Corpus, truth: Truth) -> str:
    """Return the section on all steps together, with the audit."""
    rows = []
    for form, texts in (
        ("as a study screens", corpus.screened),
        ("stripped", corpus.stripped),
    ):
        passed = np.flatnonzero(screen_texts(texts)).astype(np.int64)
        features = read_features(
            [texts[int(place)] for place in passed],
            repositories=[corpus.repositories[int(place)] for place in passed],
        )
        curve = simulate(features, truth[passed], seed=0)
        for sample in (AUDIT_SAMPLE, 2 * AUDIT_SAMPLE):
            runs = [
                audit(curve, passed, truth, stop=STOP, sample=sample, seed=seed)
                for seed in range(AUDITS)
            ]
            rows.append(
                f"| {form} | {runs[0].read:,} of {runs[0].of:,} | {runs[0].recall:.3f} | {sample} "
                f"| {np.mean([run.bound.recall_at_least for run in runs]):.3f} "
                f"| {np.mean([run.bound.recall_with_sample_at_least for run in runs]):.3f} "
                f"| {np.mean([run.holds for run in runs]):.3f} |"
            )
    table = "\n".join(rows)
    return f"""## All steps together, and the audit

Keyword screen, then the ranking read down to {STOP:.0%} of what passed, then a random sample of
everything discarded by either; {AUDITS} samples each, raters taken to be right. *Holds* is how
often the stated bound (95%) was no higher than the true recall.

| text | read | true recall | sample | recall at least (mean) | with the sample's own | holds |
|---|---|---|---|---|---|---|
{table}
"""


def nlbse_part(corpus: Corpus) -> str:
    """Return the section on the public benchmark."""
    rows = []
    for form, texts in (("as filed", corpus.raw), ("stripped", corpus.stripped)):
        plain = read_features(texts, repositories=corpus.repositories)
        pieces = read_features(texts, repositories=corpus.repositories, piece_characters=1_500)
        said = {
            "as the ranking, cost fixed": cross_validated(plain, corpus.classes, seed=0),
            "pieces of words of the body too": cross_validated(pieces, corpus.classes, seed=0),
            "each repository by itself": by_repository(
                texts, corpus.classes, corpus.repositories, seed=0
            ),
        }
        if form == "as filed":
            said["as the ranking, cost chosen within"] = cross_validated(
                plain, corpus.classes, seed=0, costs=COSTS
            )
        rows += [
            f"| {form}, {how} | {_per_repository(each, corpus)} |" for how, each in said.items()
        ]
    names = " | ".join(name.split("/")[1] for name in sorted(set(corpus.repositories)))
    table = "\n".join(rows)
    return f"""## NLBSE'24, bug, feature or question

{len(corpus.classes):,} issues of five repositories, 10-fold cross-validation; macro F1. Published
for the half not seen here, learned from this half: TF-IDF .755, SetFit .827. Ours are
cross-validated on the training half, so nine tenths of it are learned from: alike in kind, not the
same test.

| text and features | {names} | mean of the five | all at once |
|---|---|---|---|---|---|---|---|
{table}
"""


def _per_repository(said: npt.NDArray[Any], corpus: Corpus) -> str:
    where = np.array(corpus.repositories)
    scores = [
        f1_scores(said[where == name], corpus.classes[where == name])["macro"]
        for name in sorted(set(corpus.repositories))
    ]
    whole = f1_scores(said, corpus.classes)["macro"]
    return " | ".join(f"{score:.3f}" for score in [*scores, float(np.mean(scores)), whole])


def duplicate_part(engines: Corpus, others: Corpus, labelled: int) -> str:
    """Return the section on duplicates."""
    corpora = {"engine-issues": _reports(engines), "nlbse2024": _reports(others)}
    found = {name: group_duplicates(reports) for name, reports in corpora.items()}
    across = sum(
        len({key.split("#")[0] for key in group.members}) > 1 for group in found["engine-issues"]
    )
    return f"""## Duplicates

Every pair found was read, and asked whether both report one failure, or one request; so were the
pairs just below the thresholds, and those that earlier versions found. The verdicts are kept, as
links, in `bench/duplicate_pairs.csv`. A group with a single stranger in it counts as wrong.
Thresholds were chosen while looking at these pairs, so expect a little less elsewhere. Intervals
are Wilson's, 95%. {across} groups of engine-issues reach across repositories.

| data | groups | pairs | pairs right, of those read | groups right | of known pairs |
|---|---|---|---|---|---|
{measure_precision(found)}

*Of known pairs* is the share found of all pairs read to be the same: no recall, since nobody read
all pairs. For that, {COPIES} reports of
engine-issues at most are copied and edited, and the copies planted among all {len(engines.keys):,};
found is a copy that ends up in the group of its original. Numbers of three digits and more are
changed in all of them.

| copies | found |
|---|---|
{measure_recall(corpora["engine-issues"])}

A failure may be filed over and over. So {ORIGINALS} reports are copied {TIMES[0]} and {TIMES[1]}
times each; found is again a copy in the group of its original. Where a
third of a report is its form's, and the rest is the same three times and more, it is taken for a
form that nobody filled in, and its copies are missed: real forms look so. Copies with another
version or date under unlike titles are compared by what little a short body says.

| copies of one report | {TIMES[0]} times | {TIMES[1]} times |
|---|---|---|
{measure_repeated(corpora["engine-issues"])}

{labelled} of these issues carry the maintainers' label `duplicate`, but the sample holds only a
part of the trackers, hardly ever with the original, so recall among real ones can't be measured
here. In a study the first of each group goes on, and the others leave at once: no rater is asked.
`firstmile study duplicates` shows the groups and what joined them. A wrong one can't be taken apart
by hand. What left that way is among the discarded that the audit samples, and comes back where the
audit finds a failure; one that was verified or labelled before never leaves.
"""


def _reports(corpus: Corpus) -> list[Report]:
    parted = (text.partition("\n") for text in corpus.stripped)
    return [
        Report(key=key, title=title, text=text)
        for key, (title, _, text) in zip(corpus.keys, parted, strict=True)
    ]


def speed_part(corpus: Corpus) -> str:
    """Return the section on speed."""
    short = [text[:120] for text in corpus.raw] * 20
    whole = [text[:2_000] for text in corpus.raw] * 2
    many = (list(corpus.stripped) * 3)[:5_000]
    features = read_features(many)
    decided = np.full(len(many), -1, dtype=np.int64)
    decided[:500] = np.arange(500) % 2
    reports = [
        Report(key=str(place), title=str(place), text=f"{text[place % 50 :]}")
        for place, text in enumerate((list(corpus.stripped) * 10)[:10_000])
    ]
    once = _reports(corpus)
    rows = [
        _rate("keyword screen, texts of 120 characters", len(short), lambda: screen_texts(short)),
        _rate("keyword screen, texts of 2,000", len(whole), lambda: screen_texts(whole)),
        _rate("features of 5,000 issues", len(many), lambda: read_features(many)),
        _rate(
            "ranking 5,000 again, 500 decided",
            len(many),
            lambda: rank_known(features, decided, seed=0),
        ),
        _rate(f"duplicates among {len(once):,}", len(once), lambda: group_duplicates(once)),
        _rate(
            "duplicates among 10,000, each five times",
            len(reports),
            lambda: group_duplicates(reports),
        ),
    ]
    table = "\n".join(rows)
    return f"""## Speed

Processor seconds of one core.

| what | seconds | a second |
|---|---|---|
{table}
"""


def _rate(what: str, count: int, work: Callable[[], object]) -> str:
    keyword_screen()
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    return f"| {what} | {seconds:.2f} | {count / seconds:,.0f} |"


def measure(folder: Path, seeds: int) -> Iterator[str]:
    """Yield the sections of the page."""
    everything, benchmark = engine_issues(folder), nlbse(folder)
    corpus, truth = known(everything)
    labels = "".join(
        f"- {what}: {', '.join(sorted(group, key=str.lower))}\n"
        for what, group in (("a failure", FAILURE_LABELS), ("something else", OTHER_LABELS))
    )
    yield f"""## What is taken as the truth

{len(everything.keys):,} issues of llama.cpp, SGLang and vLLM with their maintainers' labels. Of
these {int(truth.sum()):,} report a failure, {int((~truth).sum()):,} something else;
{len(everything.keys) - len(truth):,} are unknown and left out: without a label, with neutral
labels alone, or with labels of both kinds.

{labels}
Maintainers' labels are not the study's definition: a question can tell of a failure. Keywords and
features were chosen while looking at these issues, so expect a little less elsewhere.
"""
    yield keyword_part(corpus, truth)
    yield classifier_part(corpus, truth, seeds)
    yield whole_part(corpus, truth)
    yield nlbse_part(benchmark)
    yield duplicate_part(everything, benchmark, _labelled(folder))
    yield speed_part(everything)


def _labelled(folder: Path) -> int:
    with gzip.open(folder / "engine-issues/issues.jsonl.gz") as file:
        return sum(
            "duplicate" in cast(list[str], msgspec.json.decode(line)["labels"]) for line in file
        )


def page(sections: Sequence[str], seconds: float) -> str:
    """Return the Markdown page."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return "\n".join(
        [
            "<!-- Generated by `python -m bench.screening --write`; do not edit. -->",
            "",
            "# How well the screen works",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, firstmile {firstmile.__version__}, Python "
            f"{platform.python_version()}, scikit-learn {sklearn.__version__}, numpy "
            f"{np.__version__}; one core of {cpu}, {seconds:.0f} processor seconds in all. How "
            "often the recall guarantee holds is on [a page of its own](recall-coverage.md).",
            "",
            *sections,
        ]
    )


def main() -> None:
    """Measure, and print the page or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    folder = Path(os.environ.get("FIRSTMILE_DATA") or ROOT.parent / "shared/data")
    start = time.process_time()
    sections = []
    for section in measure(folder, options.seeds):
        print(section, flush=True)
        sections.append(section)
    if options.write:
        write_whole(options.write, page(sections, time.process_time() - start))


if __name__ == "__main__":
    main()
