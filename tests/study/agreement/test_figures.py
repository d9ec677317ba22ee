"""The figures by axis, level and term; where raters part; who is probably right."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agreement.labels import issue, of_causes
from firstmile.statistics.agreement import cohen_kappa, gwet_ac1
from firstmile.statistics.relabeling import disagreement_confusion
from firstmile.study.agreement import Level, Rating, Ratings, agree, confusion_csv
from firstmile.study.agreement.agreeing import Agreement
from firstmile.study.agreement.boundaries import Rule, disagreeing_terms, rule_between
from firstmile.study.agreement.confusion import class_confusion
from firstmile.study.settings import Settings, read_confusions
from firstmile.taxonomy import Axis, load_taxonomy

CODEBOOK = load_taxonomy()
QUICK = Settings(bootstraps=200)


def figures(ratings: Ratings, settings: Settings = QUICK) -> Agreement:
    return agree(ratings, settings, codebook=CODEBOOK)


def test_two_raters_at_both_levels_of_causes() -> None:
    """Classes agree 3 of 4 times, codes once: e and d, i and i, g and v, d and v."""
    found = figures(of_causes(ann="eigd", ben="divv")).axis(Axis.CAUSE)
    assert found.at(Level.CLASS).percent.estimate == 3 / 4
    assert found.at(Level.FINEST).percent.estimate == 1 / 4
    # Marginals: e 2, c 1, h 1 against e 3, c 1: chance (2 * 3 + 1) / 16.
    assert found.at(Level.CLASS).kappa.estimate == pytest.approx((3 / 4 - 7 / 16) / (1 - 7 / 16))
    assert found.at(Level.CLASS).categories == 9


def test_cannot_tell_is_missing_and_counted() -> None:
    found = figures(of_causes(ann="eh.", ben="e.e")).axis(Axis.CAUSE)
    assert [(one.rater, one.ratings, one.of) for one in found.cannot_tell] == [
        ("ann", 1, 3),
        ("ben", 1, 3),
    ]
    assert found.at(Level.CLASS).items == 3
    assert found.at(Level.CLASS).paired == 1


def test_a_term_counts_where_one_below_it_was_chosen() -> None:
    terms = {one.code: one for one in figures(of_causes(ann="edh", ben="vdg")).axes[1].terms}
    assert terms["environment"].figures.percent.estimate == 1
    assert terms["environment"].ratings == 4
    assert terms["environment/dependency-library"].figures.percent.estimate == 1
    assert terms["environment/cuda-version"].figures.percent.estimate == pytest.approx(2 / 3)
    assert "api" not in terms


def test_three_raters_have_three_kappas_and_the_lowest_stands_for_them() -> None:
    at_class = figures(of_causes(ann="eehhc", ben="eehhc", cid="ehhhe")).axis(Axis.CAUSE)
    pairs = at_class.at(Level.CLASS).kappas
    assert [(one.first, one.second) for one in pairs] == [
        ("ann", "ben"),
        ("ann", "cid"),
        ("ben", "cid"),
    ]
    assert pairs[0].kappa.estimate == 1
    assert at_class.at(Level.CLASS).kappa == pairs[1].kappa
    expected = cohen_kappa(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0]))
    assert pairs[1].kappa.estimate == expected


def test_intervals_repeat_and_hold_their_estimate() -> None:
    ratings = of_causes(ann="eehhceehhcaaeh", ben="eehhcehhhceaeh")
    one, other = figures(ratings), figures(ratings)
    assert one == other
    ac1 = one.axis(Axis.CAUSE).at(Level.CLASS).ac1
    assert ac1.low is not None
    assert ac1.high is not None
    assert ac1.estimate is not None
    assert ac1.low < ac1.estimate < ac1.high


def test_nobody_and_one_rater_have_no_figures() -> None:
    assert figures(Ratings()).paired == 0
    alone = figures(of_causes(ann="eh")).axis(Axis.CAUSE).at(Level.CLASS)
    assert alone.percent.estimate is None
    assert alone.kappas == ()
    assert alone.kappa.estimate is None


@given(st.permutations(range(12)))
@hypothesis_settings(max_examples=5)
def test_the_order_of_labelling_changes_no_figure(order: list[int]) -> None:
    ratings = of_causes(ann="eehhca", ben="eh.hci")
    shuffled = Ratings(ratings=tuple(ratings.ratings[at] for at in order))
    assert figures(shuffled, Settings(bootstraps=20)) == figures(ratings, Settings(bootstraps=20))


def test_agreement_by_chance_knows_how_many_answers_there_were() -> None:
    ratings = of_causes(ann="eh", ben="ee")
    found = figures(ratings).axis(Axis.CAUSE)
    codes = np.array([[0, 0], [6, 0]])
    assert found.at(Level.CLASS).ac1.estimate == gwet_ac1(codes, categories=9)


def test_the_confusion_file_is_read_by_the_noise_analysis(tmp_path: Path) -> None:
    ratings = of_causes(ann="eehhci", ben="ehhecc")
    found = class_confusion(ratings, Axis.CAUSE, CODEBOOK)
    assert found.pairs == 6
    path = tmp_path / "cause.csv"
    path.write_text(confusion_csv(found), encoding="utf-8")
    read = read_confusions([f"cause={path}"])["cause"]
    assert read == pytest.approx(disagreement_confusion(np.array(found.counts)))
    # environment: (e, e) twice over, (e, h) once and (h, e) once.
    assert read[0, 0] == pytest.approx(1 / 2)


def test_three_raters_confusions_are_added_up() -> None:
    found = class_confusion(of_causes(ann="e", ben="h", cid="h"), Axis.CAUSE, CODEBOOK)
    rows = {row[0]: row for row in csv.reader(confusion_csv(found).splitlines())}
    hardware = found.classes.index("hardware") + 1
    assert rows["environment"][hardware] == "2"
    assert rows["hardware"][hardware] == "1"
    assert found.pairs == 3


def test_a_class_the_codebook_lost_stays_out_of_the_confusion_file(tmp_path: Path) -> None:
    lost = Ratings(
        ratings=(
            Rating(issue=issue(1), rater="ann", cause="=gone"),
            Rating(issue=issue(1), rater="ben", cause="api"),
        )
    )
    found = class_confusion(lost, Axis.CAUSE, CODEBOOK)
    assert found.pairs == 0
    path = tmp_path / "cause.csv"
    path.write_text(confusion_csv(found), encoding="utf-8")
    assert read_confusions([f"cause={path}"])["cause"] == pytest.approx(np.eye(9))
    assert figures(lost).axis(Axis.CAUSE).at(Level.CLASS).percent.estimate == 0


def test_pairs_of_terms_are_ranked_by_disagreement() -> None:
    ratings = of_causes(ann="dddie", ben="vvdgd", cid="vd.g ")
    first, second, third, *_ = disagreeing_terms(ratings, Axis.CAUSE, CODEBOOK)
    assert (first.first, first.second) == (
        "environment/cuda-version",
        "environment/dependency-library",
    )
    # Two issues of three ratings, each with two pairs of ratings of three apart.
    assert first.mass == pytest.approx(4 / 3)
    assert first.times == 4
    assert first.issues == 2
    assert first.rule is Rule.DIRECT
    assert first.examples == (issue(0), issue(1))
    assert (second.first, second.second) == ("environment", "environment/dependency-library")
    assert second.rule is Rule.DEPTH
    assert (third.first, third.second) == ("configuration/inference", "hardware/gpu-memory")
    assert third.mass == pytest.approx(2 / 3)
    assert first.share + second.share + third.share == pytest.approx(1)


def test_what_the_codebook_says_of_a_boundary() -> None:
    between = rule_between("hardware/gpu-memory", "configuration/inference", CODEBOOK)
    assert between is Rule.DIRECT
    assert rule_between("hang/generation", "crash/other", CODEBOOK) is Rule.ABOVE
    assert rule_between("tokenizer/file", "distributed/communication", CODEBOOK) is Rule.NONE
    assert rule_between("crash", "crash/cuda/kernel", CODEBOOK) is Rule.DEPTH
    assert rule_between("gone", "crash", CODEBOOK) is Rule.NONE


def test_three_raters_get_a_consensus_and_two_do_not() -> None:
    two = figures(of_causes(ann="eehh", ben="eehh")).axis(Axis.CAUSE)
    assert two.consensus is None
    words = {"ann": "eehhcceeaa", "ben": "eehhcceeaa", "cid": "ehhcceea.e"}
    found = figures(of_causes(**words)).axis(Axis.CAUSE).consensus
    assert found is not None
    likely = {one.issue: one.code for one in found.issues}
    assert [likely[issue(at)] for at in (1, 4, 8)] == ["environment", "configuration", "api"]
    accuracy = {one.rater: one.accuracy or 0 for one in found.raters}
    assert accuracy["ann"] > accuracy["cid"] + 0.2
    assert found.smoothing == 1 / 9
    assert found.converged


@given(st.lists(st.tuples(*[st.sampled_from("echadvgi. ")] * 3), min_size=0, max_size=8))
@hypothesis_settings(max_examples=20)
def test_whatever_was_labelled_has_figures(rows: list[tuple[str, str, str]]) -> None:
    words = {name: "".join(row[at] for row in rows) for at, name in enumerate("abc")}
    found = figures(of_causes(**words), Settings(bootstraps=5)).axis(Axis.CAUSE)
    for one in found.levels:
        for estimate in (one.figures.percent, one.figures.ac1, one.figures.alpha):
            if estimate.estimate is not None:
                assert -1 <= estimate.estimate <= 1
    assert sum(pair.share for pair in found.disagreements) == pytest.approx(
        1 if found.disagreements else 0
    )
