import time

import numpy as np
import pytest

from firstmile.study.screening.ranking import (
    RANDOM_EVERY,
    Features,
    Sampling,
    rank,
    rank_known,
    read_features,
)
from firstmile.study.screening.simulation import simulate
from screening.samples import reports

TEXTS, TRUTH = reports(240)


@pytest.fixture(scope="module")
def features() -> Features:
    return read_features(TEXTS)


def test_without_decisions_keywords_say_the_order(features: Features) -> None:
    ranking = rank(features, [None] * len(TEXTS), seed=1, sampling=Sampling.CERTAINTY)
    assert not ranking.learned
    ordered = ranking.scores[ranking.order]
    assert (np.diff(ordered) <= 0).all()
    assert sum(TRUTH[place] for place in ranking.order[:40]) > 32


def test_decisions_teach_it(features: Features) -> None:
    decisions = [TRUTH[place] if place < 60 else None for place in range(len(TEXTS))]
    ranking = rank(features, decisions, seed=1, sampling=Sampling.CERTAINTY)
    assert ranking.learned
    failures = sum(TRUTH[60:])
    assert sum(TRUTH[place] for place in ranking.order[:failures]) > 0.9 * failures


def test_only_undecided_texts_are_ordered_and_each_once(features: Features) -> None:
    decisions = [TRUTH[place] if place % 3 else None for place in range(len(TEXTS))]
    for sampling in Sampling:
        order = rank(features, decisions, seed=4, sampling=sampling).order
        assert sorted(order.tolist()) == list(range(0, len(TEXTS), 3))


@pytest.mark.parametrize("kind", [True, False])
def test_decisions_of_one_kind_are_enough_to_go_on(features: Features, kind: bool) -> None:
    decisions: list[bool | None] = [
        kind if truth is kind and place < 40 else None for place, truth in enumerate(TRUTH)
    ]
    ranking = rank(features, decisions, seed=2, sampling=Sampling.CERTAINTY)
    assert ranking.learned
    assert sum(TRUTH[place] for place in ranking.order[:30]) > 24


def test_the_same_seed_gives_the_same_order_and_another_one_another(features: Features) -> None:
    decisions = [TRUTH[place] if place < 30 else None for place in range(len(TEXTS))]
    first = rank(TEXTS, decisions, seed=3).order.tolist()
    assert first == rank(features, decisions, seed=3).order.tolist()
    assert first != rank(features, decisions, seed=4).order.tolist()


def test_every_twentieth_text_is_drawn_at_random(features: Features) -> None:
    decisions = [TRUTH[place] if place < 40 else None for place in range(len(TEXTS))]
    certain = rank(features, decisions, seed=5, sampling=Sampling.CERTAINTY)
    mixed = rank(features, decisions, seed=5, sampling=Sampling.MIXED)
    scores = mixed.scores[mixed.order]
    kept = np.delete(scores, np.arange(1, len(scores) // RANDOM_EVERY + 1) * RANDOM_EVERY - 1)
    assert (np.diff(kept) <= 0).all()
    assert mixed.order.tolist() != certain.order.tolist()


def test_everything_decided_or_nothing_there_leaves_an_empty_order(features: Features) -> None:
    assert rank(features, TRUTH, seed=0).order.tolist() == []
    assert rank([], [], seed=0).order.tolist() == []
    assert rank(["", "\n"], [True, None], seed=0).order.tolist() == [1]


def test_a_decision_too_few_is_refused(features: Features) -> None:
    with pytest.raises(ValueError, match="one decision a text"):
        rank(features, [None], seed=0)


def test_chinese_is_learned_without_spaces() -> None:
    texts = [f"加载模型时报错第{i}次" for i in range(12)] + [
        f"请问如何设置温度{i}" for i in range(12)
    ]
    decisions: list[bool | None] = [True] * 4 + [None] * 8 + [False] * 4 + [None] * 8
    order = rank(texts, decisions, seed=0, sampling=Sampling.CERTAINTY).order
    assert set(order[:8].tolist()) == set(range(4, 12))


def test_words_count_within_their_repository() -> None:
    texts = ["it is slow"] * 20
    repositories = ["a/a", "b/b"] * 10
    decisions: list[bool | None] = [True, False] * 5 + [None] * 10
    features = read_features(texts, repositories=repositories)
    order = rank(features, decisions, seed=0, sampling=Sampling.CERTAINTY).order
    assert {repositories[place] for place in order[:5]} == {"a/a"}


def test_ranking_five_thousand_again_is_quick() -> None:
    texts, truth = reports(5_000, seed=9)
    features = read_features(texts)
    known = np.array([int(each) if place < 500 else -1 for place, each in enumerate(truth)])
    start = time.process_time()
    rank_known(features, known, seed=0)
    assert time.process_time() - start < 2


def test_a_replay_reads_everything_once_and_finds_failures_early(features: Features) -> None:
    curve = simulate(features, TRUTH, seed=0)
    assert sorted(curve.order.tolist()) == list(range(len(TEXTS)))
    assert curve.total == sum(TRUTH)
    assert curve.recall_at(0.5) > 0.9
    assert curve.recall_at(1.0) == 1.0
    assert curve.recall_at(0.0) == 0.0
    assert 0.2 < curve.work_saved(0.95) <= curve.work_savable(0.95)


def test_a_replay_may_start_at_random(features: Features) -> None:
    first = simulate(features, TRUTH, seed=1, start="random")
    assert first.order[:10].tolist() != simulate(features, TRUTH, seed=1).order[:10].tolist()
    assert first.trainings > 5


def test_work_saved_is_none_in_random_order_and_known_by_hand() -> None:
    from firstmile.study.screening.simulation import RecallCurve

    curve = RecallCurve(np.arange(10), np.array([1, 2, 2, 3, 3, 4, 4, 4, 4, 4]), trainings=0)
    assert curve.read_for(1.0) == 6
    assert curve.work_saved(1.0) == pytest.approx(0.4)
    assert curve.work_savable(1.0) == pytest.approx(0.6)
    assert curve.recall_at(0.45) == pytest.approx(0.75)
