"""The classifier: the packaged one is of today's texts, and what it learns is what it says."""

import pytest
from bench.published_figures import causes_by_symptom
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.diagnose.bulk_tallying import BulkTallying
from firstmile.diagnose.classifier import Shelf, Vector, load_classifier, pack, unpack
from firstmile.diagnose.in_bulk import BulkClassifier
from firstmile.diagnose.tallying import Tally
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


@pytest.mark.long
def test_training_again_gives_the_packaged_classifier() -> None:
    packaged, cases = load_classifier(), load_cases()
    lessons = lessons_of(cases, load_entries(), load_vignettes())
    again = unpack(pack(train(lessons, cases, causes_by_symptom())))
    assert again.features.words == packaged.features.words
    assert again.codes == packaged.codes
    for place in range(len(packaged.features.frequencies)):
        assert again.weights[place] == pytest.approx(packaged.weights[place], abs=0.02)
    for case in cases[::40]:
        vector = packaged.features.vector(case.text)
        expected = again.probabilities(vector)
        for part, chances in packaged.probabilities(vector).items():
            assert chances == pytest.approx(expected[part], abs=0.01)


def test_fitting_by_inner_products_equals_fitting_by_words() -> None:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    learnt = train(LESSONS, (), causes_by_symptom())
    rows = sparse.lil_array((len(LESSONS), len(learnt.features.frequencies)))
    vectors = [learnt.features.vector(lesson.text) for lesson in LESSONS]
    for place, vector in enumerate(vectors):
        for index, value in zip(vector.indices, vector.values, strict=True):
            rows[place, index] = value
    direct = LogisticRegression(C=3.0, max_iter=1000, class_weight="balanced")
    direct.fit(rows.tocsr(), [lesson.cause.split("/")[0] for lesson in LESSONS])
    assert learnt.codes["cause"] == tuple(direct.classes_)
    for place, vector in enumerate(vectors):
        expected = direct.predict_proba(rows.tocsr()[[place]])[0]
        assert learnt.probabilities(vector)["cause"] == pytest.approx(expected, abs=2e-3)


def test_nothing_packed_is_lost() -> None:
    learnt = train(LESSONS, load_cases()[:3], causes_by_symptom())
    again = unpack(pack(learnt))
    assert again.features.words == learnt.features.words
    assert again.cases.ids == learnt.cases.ids
    assert again.training_sha256 == learnt.training_sha256
    assert pack(again) == pack(unpack(pack(again)))


def test_the_likest_report_is_itself() -> None:
    classifier = load_classifier()
    for case in load_cases()[::50]:
        vector = classifier.features.vector(case.text)
        found = classifier.cases.nearest(vector, most=2)
        assert found[0][0] == case.id
        assert found[0][1] == pytest.approx(1, abs=0.01)
        others = classifier.cases.nearest(vector, most=2, without=[case.id])
        assert case.id not in dict(others)
        assert others[0][1] <= found[0][1]


def test_an_empty_shelf_and_an_empty_report_find_nothing() -> None:
    nothing = Vector((), ())
    assert Shelf.of({"a": nothing}, 4).nearest(nothing, most=3) == []
    some = Vector((1,), (1.0,))
    assert Shelf.of({"a": some}, 4).nearest(nothing, most=3) == [("a", 0.0)]
    assert Shelf.of({"a": some}, 4).nearest(some, most=3) == [("a", 0.5)]


def test_in_bulk_the_numbers_are_the_same() -> None:
    one, many = load_classifier(), BulkClassifier(load_classifier())
    for case in load_cases()[::20]:
        vector = one.features.vector(case.text)
        chances = one.probabilities(vector)
        for part, expected in many.probabilities(vector).items():
            assert chances[part] == pytest.approx(expected, abs=1e-12)
            for code in one.codes[part][:3]:
                assert one.pull(vector, part, code, expected) == pytest.approx(
                    many.pull(vector, part, code, expected), abs=1e-12
                )
        assert one.cases.cosines(vector) == pytest.approx(many.cases.cosines(vector), abs=1e-12)
    assert many.drawn((), ()) == one.drawn((), ())


@given(st.lists(st.integers(0, 40), max_size=12))
def test_a_text_without_some_lines_is_told_as_if_it_had_never_had_them(
    places: list[int],
) -> None:
    classifier = load_classifier()
    lines = [
        line for case in load_cases()[:4] for line in case.text.splitlines() for line in (line, "")
    ]
    chances, is_empty = Tally(lines, classifier).without(set(places))
    left = [line for place, line in enumerate(lines) if place not in places]
    expected = classifier.probabilities(classifier.features.vector("\n".join(left)))
    for part, values in chances.items():
        assert values == pytest.approx(expected[part], abs=1e-9)
    assert not is_empty


def test_a_text_without_any_of_its_lines_is_empty() -> None:
    lines = ["CUDA out of memory", "in training"]
    assert Tally(lines, load_classifier()).without({0, 1})[1]
    assert Tally(["qqqq zzzz"], load_classifier()).is_empty


LINES = st.sampled_from(
    [
        *(line for case in load_cases()[::9] for line in case.text.split("\n")),
        *("", "\tqqqq", "2026-01-02 10:11:12 INFO CUDA out of memory", "CUDA out of memory"),
    ]
)


@settings(max_examples=60)
@given(st.lists(LINES, max_size=12), st.sets(st.integers(0, 12)))
def test_in_bulk_words_are_tallied_as_one_by_one(lines: list[str], places: set[int]) -> None:
    one = Tally(lines, load_classifier())
    many = BULK(lines)
    assert many.clues == one.clues
    assert many.is_empty == one.is_empty
    (left, is_empty), (other, other_is_empty) = one.without(places), many.without(places)
    assert other_is_empty == is_empty
    bodies = {place: line.partition("INFO ")[2] or line for place, line in enumerate(lines)}
    for part, code in (("symptom", "crash"), ("cause", "hardware")):
        assert many.chances[part] == pytest.approx(one.chances[part], abs=1e-12)
        assert other[part] == pytest.approx(left[part], abs=1e-9)
        assert many.strengths(part, code, bodies) == pytest.approx(
            one.strengths(part, code, bodies), abs=1e-12
        )
    found, expected = many.nearest(most=5, without=["x"]), one.nearest(most=5, without=["x"])
    assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in expected])


def test_a_text_too_long_to_be_counted_whole_is_tallied_the_same_in_bulk() -> None:
    lines = ["CUDA out of memory in step 1"] * 8_000
    alone = Tally(lines, load_classifier()).chances
    for part, chances in BULK(lines).chances.items():
        assert chances == pytest.approx(alone[part], abs=1e-12)


BULK = BulkTallying(BulkClassifier(load_classifier()))
