"""The classifier: the packaged one is of today's texts, and what it learns is what it says."""

import numpy as np
import pytest

from firstmile.diagnose.classifier import Shelf, Vector, load_classifier, pack, unpack
from firstmile.knowledge import load_cases, load_entries
from firstmile.knowledge.vignettes import load_vignettes
from firstmile.lab.learning import Lesson, fingerprint, lessons_of, train

LESSONS = tuple(
    Lesson(id=str(number), text=text, symptom=symptom, cause=cause, stage=stage)
    for number, (text, symptom, cause, stage) in enumerate(
        [
            ("out of memory on the gpu", "crash/cuda/out-of-memory", "hardware/gpu-memory", None),
            (
                "out of memory in training",
                "crash/cuda/out-of-memory",
                "configuration/fine-tuning",
                "fine-tuning",
            ),
            (
                "the answer repeats itself",
                "incorrect/generation/repetitive",
                "configuration/inference",
                "inference",
            ),
            (
                "the answer is garbled text",
                "incorrect/generation/meaningless",
                "computation/quantization",
                "inference",
            ),
            (
                "training loss of the gpu",
                "incorrect/fine-tuning/convergence",
                "configuration/fine-tuning",
                "fine-tuning",
            ),
        ]
    )
)


def test_the_packaged_classifier_was_trained_on_the_texts_of_today() -> None:
    """Red means: run `make knowledge`, which trains it anew."""
    lessons = lessons_of(load_cases(), load_entries(), load_vignettes())
    assert load_classifier().training_sha256 == fingerprint(lessons)


def test_training_again_gives_the_packaged_classifier() -> None:
    packaged, cases = load_classifier(), load_cases()
    again = unpack(pack(train(lessons_of(cases, load_entries(), load_vignettes()), cases)))
    assert again.features.words == packaged.features.words
    for name, part in packaged.parts.items():
        assert part.codes == again.parts[name].codes
        assert np.abs(part.weights - again.parts[name].weights).max() < 0.02
    for case in cases[::40]:
        vector = packaged.features.vector(case.text)
        for name, part in packaged.parts.items():
            assert part.probabilities(vector) == pytest.approx(
                again.parts[name].probabilities(vector), abs=0.01
            )


def test_fitting_by_inner_products_equals_fitting_by_words() -> None:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    learnt = train(LESSONS, ())
    rows = sparse.lil_array((len(LESSONS), len(learnt.features.frequencies)))
    vectors = [learnt.features.vector(lesson.text) for lesson in LESSONS]
    for place, vector in enumerate(vectors):
        rows[place, vector.indices] = vector.values
    direct = LogisticRegression(C=3.0, max_iter=1000, class_weight="balanced")
    direct.fit(rows.tocsr(), [lesson.cause.split("/")[0] for lesson in LESSONS])
    part = learnt.parts["cause"]
    assert part.codes == tuple(direct.classes_)
    for place, vector in enumerate(vectors):
        expected = direct.predict_proba(rows.tocsr()[[place]])[0]
        assert part.probabilities(vector) == pytest.approx(expected, abs=2e-3)


def test_nothing_packed_is_lost() -> None:
    learnt = train(LESSONS, load_cases()[:3])
    again = unpack(pack(learnt))
    assert again.features.words == learnt.features.words
    assert again.cases.ids == learnt.cases.ids
    assert again.training_sha256 == learnt.training_sha256
    assert pack(again) == pack(unpack(pack(again)))


def test_the_likest_report_is_itself() -> None:
    classifier = load_classifier()
    size = len(classifier.features.frequencies)
    for case in load_cases()[::50]:
        vector = classifier.features.vector(case.text)
        found = classifier.cases.nearest(vector, size=size, most=2)
        assert found[0][0] == case.id
        assert found[0][1] == pytest.approx(1, abs=0.01)
        others = classifier.cases.nearest(vector, size=size, most=2, without=[case.id])
        assert case.id not in dict(others)
        assert others[0][1] <= found[0][1]


def test_an_empty_shelf_and_an_empty_report_find_nothing() -> None:
    nothing = Vector(np.zeros(0, dtype=np.intp), np.zeros(0))
    assert Shelf.of({"a": nothing}).nearest(nothing, size=4, most=3) == []
    some = Vector(np.array([1]), np.array([1.0]))
    assert Shelf.of({"a": some}).nearest(nothing, size=4, most=3) == [("a", 0.0)]
