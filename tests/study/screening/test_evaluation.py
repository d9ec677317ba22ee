import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from firstmile.study.screening.evaluation import (
    Hits,
    audit,
    count_hits,
    cross_validated,
    f1_scores,
    keyword_table,
    truth_of,
)
from firstmile.study.screening.keywords import KEYWORDS, screen_texts
from firstmile.study.screening.ranking import read_features
from firstmile.study.screening.simulation import simulate
from firstmile.study.screening.stripping import strip_body, strip_title
from screening.samples import reports


@pytest.mark.parametrize(
    ("labels", "truth"),
    [
        (["bug", "stale"], True),
        (["feature request"], False),
        (["stale", "amd"], None),
        ([], None),
        (["bug", "enhancement"], None),
        (["research 🔬"], False),
        (["ci-failure"], True),
    ],
)
def test_labels_tell_the_class_or_leave_it_unknown(labels: list[str], truth: bool | None) -> None:
    assert truth_of(labels) is truth


def test_hits_are_counted_as_by_hand() -> None:
    truth = np.array([True, True, True, False, False])
    hits = count_hits([True, True, False, True, False], truth)
    assert hits == Hits(true_kept=2, false_kept=1, true_left=1, false_left=1)
    for share in (hits.recall, hits.precision, hits.f1):
        assert share == pytest.approx(2 / 3)
    assert (hits.kept, hits.accuracy) == (0.6, 0.6)


def test_the_keyword_table_says_what_each_word_alone_lets_through() -> None:
    texts = ["a crash", "a crash with an error", "an error", "nothing"]
    whole, by_group, by_word = keyword_table(texts, np.array([True, True, False, False]))
    assert whole.recall == 1.0
    assert whole.precision == pytest.approx(2 / 3)
    assert by_group[KEYWORDS[0].name] == whole
    assert by_word["crash"] == (2, 0, 1, 0)
    assert by_word["error"] == (1, 1, 0, 1)


def test_cross_validation_learns_what_can_be_learned_and_not_what_cannot() -> None:
    texts, truth = reports(120)
    features, known = read_features(texts), np.array(truth)
    said = cross_validated(features, known, seed=0, folds=4)
    assert f1_scores(said, known)["macro"] > 0.95
    nonsense = np.random.default_rng(0).random(120) < 0.5
    assert f1_scores(cross_validated(features, nonsense, seed=0, folds=4), nonsense)["macro"] < 0.68


def test_a_cost_is_chosen_within_the_training_folds() -> None:
    texts, truth = reports(90)
    known = np.array(truth)
    said = cross_validated(read_features(texts), known, seed=0, folds=3, costs=(0.1, 1.0))
    assert f1_scores(said, known)["macro"] > 0.9


def test_an_audited_replay_bounds_its_true_recall() -> None:
    texts, truth = reports(400, seed=3, share=0.3)
    known = np.array(truth)
    passed = np.flatnonzero(screen_texts(texts)).astype(np.int64)
    curve = simulate([texts[int(place)] for place in passed], known[passed], seed=0)
    runs = [audit(curve, passed, known, stop=0.7, sample=60, seed=seed) for seed in range(60)]
    assert np.mean([run.holds for run in runs]) >= 0.9
    assert {run.recall for run in runs} == {
        known[passed[curve.order[: int(0.7 * len(passed))]]].sum() / known.sum()
    }


def test_real_issues_are_told_apart_with_their_forms_stripped(data_folder: Path) -> None:
    texts, truth = [], []
    with gzip.open(data_folder / "engine-issues/issues.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            issue = json.loads(line)
            if (label := truth_of(issue["labels"])) is not None:
                texts.append(f"{strip_title(issue['title'])}\n{strip_body(issue['body'] or '')}")
                truth.append(label)
    known = np.array(truth)
    assert len(known) == 1_247
    said = cross_validated(read_features(texts), known, seed=0, folds=3)
    assert f1_scores(said, known)["macro"] > 0.82
    assert count_hits(screen_texts(texts), known).recall > 0.88
