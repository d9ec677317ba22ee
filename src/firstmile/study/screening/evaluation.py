"""Measures a screen against issues whose class is known: by labels, folds and replays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from firstmile.study.screening.keywords import KEYWORDS, KeywordGroup, keyword_screen
from firstmile.study.screening.ranking import (
    COST,
    Features,
    IntArray,
    make_classifier,
    read_features,
)
from firstmile.study.screening.recall import Discarded, RecallBound, bound_recall, draw_sample
from firstmile.study.screening.simulation import RecallCurve

FAILURE_LABELS: Final = frozenset(
    """bug, bug-unconfirmed, installation, performance, build, ci-failure, generation quality,
    critical severity, high severity, medium severity, low severity, unable-reproduce""".replace(
        "\n    ", " "
    ).split(", ")
)
"""Labels with which maintainers say that something failed."""

OTHER_LABELS: Final = frozenset(
    """enhancement, feature request, feature, documentation, question, usage, RFC, new-model,
    roadmap, research 🔬, refactoring, misc""".replace("\n    ", " ").split(", ")
)
"""Labels with which they say that it is something else."""

COSTS: Final = (0.03, 0.1, 0.3, 1.0, 3.0)


def truth_of(labels: Iterable[str]) -> bool | None:
    """Say whether an issue reports a failure, by its maintainers' labels; None where unknown.

    Unknown are issues without a label, with neutral ones alone (a component, a state, a
    severity of nothing said), and with labels of both kinds.
    """
    given = set(labels)
    failure, other = bool(given & FAILURE_LABELS), bool(given & OTHER_LABELS)
    return None if failure == other else failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How a rule that keeps or discards did: counts of each outcome."""

    true_kept: int
    false_kept: int
    true_left: int
    false_left: int

    @property
    def recall(self) -> float:
        """The share of failures that were kept."""
        return _share(self.true_kept, self.true_kept + self.true_left)

    @property
    def precision(self) -> float:
        """The share of the kept that are failures."""
        return _share(self.true_kept, self.true_kept + self.false_kept)

    @property
    def kept(self) -> float:
        """The share of all that were kept."""
        kept = self.true_kept + self.false_kept
        return _share(kept, kept + self.true_left + self.false_left)

    @property
    def accuracy(self) -> float:
        """The share that the rule decided as the truth does."""
        right = self.true_kept + self.false_left
        return _share(right, right + self.false_kept + self.true_left)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _share(2 * self.true_kept, 2 * self.true_kept + self.false_kept + self.true_left)


def count_hits(kept: Sequence[bool] | npt.NDArray[Any], truth: npt.NDArray[np.bool_]) -> Hits:
    """Count what a rule kept against the truth, both (n,)."""
    chosen = np.asarray(kept, dtype=bool)
    return Hits(
        true_kept=int((chosen & truth).sum()),
        false_kept=int((chosen & ~truth).sum()),
        true_left=int((~chosen & truth).sum()),
        false_left=int((~chosen & ~truth).sum()),
    )


def keyword_table(
    texts: Sequence[str],
    truth: npt.NDArray[np.bool_],
    groups: tuple[KeywordGroup, ...] = KEYWORDS,
) -> tuple[Hits, Mapping[str, Hits], Mapping[str, tuple[int, int, int, int]]]:
    """Measure a list: the whole of it, each group alone, and each keyword.

    For each keyword: failures and others that hold it, and failures and others that hold no
    other keyword, which the list would lose without it.
    """
    present = list(map(keyword_screen(groups).present, texts))
    whole = count_hits([bool(words) for words in present], truth)
    by_group = {
        group.name: count_hits(
            [any(word.text in words for word in group.keywords) for words in present], truth
        )
        for group in groups
    }
    by_word = {}
    for word in dict.fromkeys(keyword.text for group in groups for keyword in group.keywords):
        holds = np.array([word in words for words in present], dtype=bool)
        alone = np.array([words == {word} for words in present], dtype=bool)
        by_word[word] = tuple(
            int((which & side).sum()) for which in (holds, alone) for side in (truth, ~truth)
        )
    return whole, by_group, {word: (a, b, c, d) for word, (a, b, c, d) in by_word.items()}


def cross_validated(
    features: Features,
    classes: npt.NDArray[Any],
    *,
    seed: int,
    folds: int = 10,
    costs: Sequence[float] = (COST,),
) -> npt.NDArray[Any]:
    """Return each text's class as a classifier says that learned from the other folds.

    The classifier is the ranking's own. Of several costs the best is chosen within each training
    set by a cross-validation of its own, so that no choice sees the fold it is measured on.
    """
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    outer = StratifiedKFold(folds, shuffle=True, random_state=seed)
    said = np.empty(len(classes), dtype=classes.dtype)
    for learn, judge in outer.split(features.matrix, classes):
        classifier = make_classifier(costs[0])
        if len(costs) > 1:
            inner = StratifiedKFold(3, shuffle=True, random_state=seed + 1)
            grid = {"C": list(costs)}
            classifier = GridSearchCV(classifier, grid, cv=inner, scoring="f1_macro")
        # Hashed words leave most columns empty; without them a fit takes a tenth of the time.
        columns = np.unique(features.matrix[learn].indices)
        classifier.fit(features.matrix[learn][:, columns], classes[learn])
        said[judge] = classifier.predict(features.matrix[judge][:, columns])
    return said


def f1_scores(said: npt.NDArray[Any], truth: npt.NDArray[Any]) -> Mapping[str, float]:
    """Return the F1 of each class, and their mean as `macro`."""
    scores = {
        str(each): count_hits(said == each, np.asarray(truth == each, dtype=bool)).f1
        for each in np.unique(truth)
    }
    return scores | {"macro": float(np.mean(list(scores.values())))}


def by_repository(
    texts: Sequence[str], classes: npt.NDArray[Any], repositories: Sequence[str], *, seed: int
) -> npt.NDArray[Any]:
    """Cross-validate within each repository, learning from that repository alone."""
    where = np.array(repositories)
    said = np.empty(len(classes), dtype=classes.dtype)
    for repository in np.unique(where):
        own = np.flatnonzero(where == repository)
        features = read_features([texts[int(place)] for place in own])
        said[own] = cross_validated(features, classes[own], seed=seed)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeScreen:
    """A replay of the screen with its audit: the bound, and the recall that was true."""

    bound: RecallBound
    recall: float
    read: int
    of: int

    @property
    def holds(self) -> bool:
        """Whether the bound is no higher than the truth."""
        return self.bound.recall_at_least <= self.recall + 1e-12


def audit(
    curve: RecallCurve,
    passed: IntArray,
    truth: npt.NDArray[np.bool_],
    *,
    stop: float,
    sample: int,
    seed: int,
) -> WholeScreen:
    """End a replayed screen after a share of the reading, and audit everything it discarded.

    `curve` was replayed over the texts at the positions `passed`, which the keywords let through
    out of all texts (n,) of the truth. Raters are taken to be right, so nothing that they read is
    lost; what the keywords discarded and what was never read is sampled as one.
    """
    read = passed[curve.order[: int(stop * len(curve.order))]]
    found = int(truth[read].sum())
    left = np.setdiff1d(np.arange(len(truth)), read)
    drawn = left[draw_sample(len(left), min(sample, len(left)), seed=seed)]
    bound = bound_recall(
        [
            Discarded(
                step="all that was discarded",
                discarded=len(left),
                sampled=len(drawn),
                failures=int(truth[drawn].sum()),
            )
        ],
        found=found,
    )
    return WholeScreen(
        bound=bound, recall=_share(found, int(truth.sum())), read=len(read), of=len(truth)
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
