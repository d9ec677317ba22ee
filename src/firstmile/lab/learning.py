"""Learning: the classifier from the casebook, the entries and what is invented beside them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from firstmile.diagnose.classifier import Classifier, Features, Shelf, Vector
from firstmile.diagnose.clues import find_clues, load_clues
from firstmile.diagnose.packing import Halves
from firstmile.diagnose.weighing import leaf_codes
from firstmile.diagnose.wording import count_words
from firstmile.knowledge import Case, Entry
from firstmile.knowledge.vignettes import Vignette
from firstmile.taxonomy import Classification

STRENGTH: Final = 3.0
"""Inverse of the regularization, as scikit-learn's C; by grouped cross-validation, see docs."""
RAREST: Final = 2
"""A word in fewer texts is not kept."""
INVENTED: Final = 1.0
"""What an invented report counts beside a real one; by cross-validation, less is worse."""
_SMOOTHING: Final = 3.0
"""Failures' worth of trust in the next coarser table."""


FloatArray = npt.NDArray[np.float64]

Causes = Mapping[str, Mapping[str, int]]
"""How many failures of a published study had each class of cause, by class of symptom."""


@dataclass(frozen=True, eq=False, slots=True)
class Linear:
    """Multinomial logistic regression over codes: weights (features, codes), bias (codes,)."""

    codes: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One text with its labels; the stage may be None."""

    id: str
    text: str
    symptom: str
    cause: str
    stage: str | None
    weight: float = 1.0


def lessons_of(
    cases: Iterable[Case], entries: Iterable[Entry], vignettes: Iterable[Vignette]
) -> tuple[Lesson, ...]:
    """Return what there is to learn from: cases, entries' words and samples, vignettes."""
    found = [_lesson(case.id, case.text, case.classification) for case in cases]
    found += [
        _lesson(
            entry.id,
            "\n".join((entry.title, entry.what_happens, entry.why, *entry.match)),
            entry.classification,
        )
        for entry in entries
    ]
    found += [
        replace(_lesson(one.id, one.text, one.classification), weight=INVENTED) for one in vignettes
    ]
    return tuple(found)


def _lesson(name: str, text: str, given: Classification) -> Lesson:
    symptom, cause = given.symptom or "", given.cause or ""
    return Lesson(id=name, text=text, symptom=symptom, cause=cause, stage=given.stage)


def train(lessons: Sequence[Lesson], cases: Sequence[Case], causes: Causes) -> Classifier:
    """Learn from lessons; `cases` are kept as vectors, for looking up what is alike.

    `causes` tell what causes a symptom has as a rule.
    """
    features = _features([lesson.text for lesson in lessons])
    vectors = [features.vector(lesson.text) for lesson in lessons]
    labels: dict[str, list[str | None]] = {
        "symptom": [_class(lesson.symptom) for lesson in lessons],
        "cause": [_class(lesson.cause) for lesson in lessons],
        "stage": [lesson.stage for lesson in lessons],
        "symptom_leaf": [lesson.symptom for lesson in lessons],
    }
    size = len(features.frequencies)
    counted = [lesson.weight for lesson in lessons]
    parts = {name: _regression(vectors, given, counted, size) for name, given in labels.items()}
    codes = {name: part.codes for name, part in parts.items()}
    weights = np.concatenate([part.weights for part in parts.values()], axis=1)
    known = {case.id for case in cases}
    reported = [lesson for lesson in lessons if lesson.id in known]
    leaves = leaf_codes(codes["cause"])
    return Classifier(
        features=features,
        codes=codes,
        weights=Halves(weights.astype("<f2").tobytes(), weights.shape[1]),
        bias=tuple(np.concatenate([part.bias for part in parts.values()]).tolist()),
        causes_of=_rows(_causes_of(causes, codes["symptom_leaf"], codes["cause"])),
        cause_leaves=leaves,
        cause_shares=_rows(_cause_shares(reported, codes["symptom"], leaves)),
        cases=Shelf.of({case.id: features.vector(case.text) for case in cases}, size),
        training_sha256=fingerprint(lessons),
    )


def _rows(table: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, table.tolist()))


def fingerprint(lessons: Iterable[Lesson]) -> str:
    """Return the SHA-256 of all texts and labels, whatever their order."""
    digest = hashlib.sha256()
    for lesson in sorted(lessons, key=lambda one: (one.id, one.text)):
        stated = (lesson.id, lesson.text, lesson.symptom, lesson.cause, lesson.stage or "")
        for part in (*stated, str(lesson.weight)):
            digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _class(code: str) -> str:
    return code.split("/")[0]


def _features(texts: Sequence[str]) -> Features:
    seen: Counter[str] = Counter()
    clues: Counter[str] = Counter()
    for text in texts:
        seen.update(count_words(text).keys())
        clues.update(find_clues(text))
    words = sorted(word for word, n in seen.items() if n >= RAREST)
    names = [name for name in load_clues() if clues[name] >= RAREST]
    counts = np.array([*(seen[word] for word in words), *(clues[name] for name in names)])
    return Features(
        words={word: place for place, word in enumerate(words)},
        clues={name: place for place, name in enumerate(names, start=len(words))},
        frequencies=tuple((np.log((1 + len(texts)) / (1 + counts)) + 1).tolist()),
    )


def _regression(
    vectors: Sequence[Vector],
    labels: Sequence[str | None],
    weights: Sequence[float],
    size: int,
) -> Linear:
    """Fit by the texts' inner products: there are far fewer texts than words.

    The weights of a regularized regression are a combination of its texts (the representer
    theorem), so it is solved exactly in as many dimensions as there are texts.
    """
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    given = zip(vectors, labels, weights, strict=True)
    kept = [(vector, label, weight) for vector, label, weight in given if label]
    rows = sparse.csr_array(
        (
            np.concatenate([vector.values for vector, _, _ in kept]),
            np.concatenate([vector.indices for vector, _, _ in kept]),
            np.cumsum([0, *(len(vector.indices) for vector, _, _ in kept)]),
        ),
        shape=(len(kept), size),
    )
    scale, axes = np.linalg.eigh((rows @ rows.T).toarray())
    scale, axes = scale[scale > 1e-9], axes[:, scale > 1e-9]
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000, class_weight="balanced")
    fitted.fit(
        axes * np.sqrt(scale),
        [label for _, label, _ in kept],
        sample_weight=[weight for _, _, weight in kept],
    )
    coefficients: FloatArray = fitted.coef_
    bias: FloatArray = fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients = np.concatenate((-coefficients, coefficients)) / 2
        bias = np.concatenate((-bias, bias)) / 2
    learnt: npt.NDArray[np.float32] = (rows.T @ (axes / np.sqrt(scale)) @ coefficients.T).astype(
        np.float32
    )
    return Linear(tuple(map(str, fitted.classes_)), learnt, bias)


def _causes_of(counted: Causes, leaves: Sequence[str], causes: Sequence[str]) -> FloatArray:
    """Return P(cause class | class of a symptom leaf), each row smoothed to that of all.

    A leaf of its own row has too few reports: by cross-validation the class's is better.
    """
    rows = {symptom: np.array([of[cause] for cause in causes]) for symptom, of in counted.items()}
    whole = np.sum(list(rows.values()), axis=0)
    overall = whole / whole.sum()

    def shares(counts: FloatArray) -> FloatArray:
        return np.asarray((counts + _SMOOTHING * overall) / (counts.sum() + _SMOOTHING))

    return np.array([shares(rows[_class(leaf)]) for leaf in leaves])


def _cause_shares(
    lessons: Sequence[Lesson], symptoms: Sequence[str], leaves: Sequence[str]
) -> FloatArray:
    """Return each cause leaf's share of its class, by symptom class, smoothed to the overall."""

    def within(counts: Mapping[str, float]) -> FloatArray:
        totals: dict[str, float] = {}
        for leaf in leaves:
            totals[_class(leaf)] = totals.get(_class(leaf), 0.0) + counts[leaf]
        return np.array([counts[leaf] / totals[_class(leaf)] for leaf in leaves])

    seen = Counter(lesson.cause for lesson in lessons)
    overall = within({leaf: seen[leaf] + 0.5 for leaf in leaves})
    rows = []
    for symptom in symptoms:
        own = Counter(one.cause for one in lessons if _class(one.symptom) == symptom)
        smoothed = zip(leaves, overall, strict=True)
        rows.append(within({leaf: own[leaf] + _SMOOTHING * share for leaf, share in smoothed}))
    return np.array(rows)
