"""The figures of an independent re-analysis come out of the published rows."""

from collections.abc import Mapping

import numpy as np
import pytest

from firstmile.statistics.contingency import fixed_margin_tables
from firstmile.statistics.similarity import pearson
from firstmile.study.analyses import (
    label_noise,
    pooled_infrastructure,
    series_similarity,
    stage_differences,
)
from firstmile.study.analyses.label_noise import LabelNoise
from firstmile.study.analyses.series_similarity import SeriesSimilarity
from firstmile.study.analyses.stage_differences import StageDifferences
from firstmile.study.analysis import Outcome
from firstmile.study.association import Association, associate
from firstmile.study.counts import RowCounts
from firstmile.study.settings import Settings

ASSOCIATIONS = {
    # crossing: chi-square, degrees of freedom, V, bias-corrected V, its bootstrap, sparse cells
    ("symptom", "cause"): (235.27, 32, 0.289, 0.269, (0.245, 0.325), (18, 45)),
    ("series", "symptom"): (41.39, 8, 0.171, 0.154, (0.119, 0.216), (4, 15)),
    ("series", "cause"): (81.16, 16, 0.240, 0.215, (0.178, 0.293), (2, 27)),
    ("stage", "symptom"): (21.09, 4, 0.173, 0.156, (0.092, 0.244), (2, 10)),
}


@pytest.mark.parametrize("crossing", ASSOCIATIONS, ids=" by ".join)
def test_associations_are_those_of_the_re_analysis(
    published_rows: RowCounts, crossing: tuple[str, str]
) -> None:
    chi_square, freedom, v, corrected, bootstrap, (sparse, cells) = ASSOCIATIONS[crossing]
    settings = Settings(permutations=99)
    found = associate(published_rows.table(*crossing), settings, "golden")
    assert round(found.chi_square, 2) == chi_square
    assert found.degrees_of_freedom == freedom
    assert round(found.cramers_v, 3) == v
    assert found.corrected_v.estimate is not None
    assert round(found.corrected_v.estimate, 3) == corrected
    assert (found.sparse_cells, found.all_cells) == (sparse, cells)
    assert found.bootstrap.low == pytest.approx(bootstrap[0], abs=0.005)
    assert found.bootstrap.high == pytest.approx(bootstrap[1], abs=0.005)


# Diagnostic divergence: partly


@pytest.fixture(scope="module")
def symptom_by_cause(published_outcomes: Mapping[str, Outcome]) -> Association:
    result: Association = published_outcomes["symptom_by_cause"].result
    return result


def test_incorrect_functionality_and_tokenizer_have_lift_2_36(
    symptom_by_cause: Association,
) -> None:
    cell = symptom_by_cause.cell("incorrect", "tokenizer")
    assert cell.lift.estimate == pytest.approx(2.36, abs=0.005)
    assert cell.significant


@pytest.mark.parametrize(
    ("symptom", "cause"),
    [("crash", "hardware"), ("loading", "corruption"), ("hang", "distributed")],
)
def test_three_further_pairs_are_as_strong(
    symptom_by_cause: Association, symptom: str, cause: str
) -> None:
    cell = symptom_by_cause.cell(symptom, cause)
    assert cell.significant
    assert cell.lift.low is not None
    assert cell.lift.low > 1.7


def test_crash_and_environment_alone_are_not_significant(symptom_by_cause: Association) -> None:
    cell = symptom_by_cause.cell("crash", "environment")
    assert round(cell.residual, 1) == 1.1
    assert not cell.significant


def test_seventeen_percent_of_incorrect_functionality_is_tokenizer_defects(
    symptom_by_cause: Association,
) -> None:
    share = symptom_by_cause.cell("incorrect", "tokenizer").share_of_row.estimate
    assert share == pytest.approx(41 / 240)
    assert share == pytest.approx(0.17, abs=0.005)


def test_fifteen_cells_stand_out(symptom_by_cause: Association) -> None:
    assert len(symptom_by_cause.significant) == 15


def test_pooled_infrastructure_stands_behind_crashes(published_rows: RowCounts) -> None:
    pooled = pooled_infrastructure.compute(published_rows, Settings()).pooled
    assert pooled.first_share.estimate == pytest.approx(0.559, abs=0.0005)
    assert pooled.second_share.estimate == pytest.approx(0.387, abs=0.0005)
    assert pooled.odds_ratio.estimate == pytest.approx(2.0, abs=0.05)


@pytest.fixture(scope="module")
def noise(published_rows: RowCounts) -> LabelNoise:
    return label_noise.compute(published_rows, Settings())


@pytest.mark.parametrize("axis", ["symptom_only", "cause_only"])
def test_about_8_of_15_cells_survive_20_percent_noise_on_one_axis(
    noise: LabelNoise, axis: str
) -> None:
    assert label_noise.surviving(noise, 0.20, axis) in (7, 8, 9)


def test_noise_on_both_axes_is_harsher(noise: LabelNoise) -> None:
    """The re-analysis' 8 of 15 are about 5 where symptoms and causes are both replaced."""
    assert label_noise.surviving(noise, 0.20, "shares") in (4, 5, 6)


@pytest.mark.parametrize("axis", ["symptom_only", "cause_only"])
def test_incorrect_functionality_and_tokenizer_survive_30_percent_noise(
    noise: LabelNoise, axis: str
) -> None:
    assert getattr(noise.curve("incorrect-with-tokenizer"), axis)[-1] > 0.95


def test_with_30_percent_noise_on_both_axes_even_that_cell_is_a_toss_up(noise: LabelNoise) -> None:
    assert noise.curve("incorrect-with-tokenizer").shares[-1] == pytest.approx(0.475, abs=0.06)


# Systemic homogeneity: not supported


@pytest.fixture(scope="module")
def similarity(published_rows: RowCounts) -> SeriesSimilarity:
    return series_similarity.compute(published_rows, Settings(bootstraps=500))


PEARSON = {
    ("symptom", "DeepSeek", "Llama"): 0.569,
    ("symptom", "DeepSeek", "Qwen"): 0.907,
    ("symptom", "Llama", "Qwen"): 0.820,
    ("cause", "DeepSeek", "Llama"): 0.369,
    ("cause", "DeepSeek", "Qwen"): 0.867,
    ("cause", "Llama", "Qwen"): 0.697,
}


@pytest.mark.parametrize("pair", PEARSON, ids=" ".join)
def test_published_correlations_of_series(
    similarity: SeriesSimilarity, pair: tuple[str, str, str]
) -> None:
    value = similarity.pair(*pair).measure("Pearson").value
    assert value is not None
    assert round(value, 3) == PEARSON[pair]


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [("DeepSeek", "Llama", -0.12), ("Llama", "Qwen", 0.16), ("DeepSeek", "Qwen", 0.90)],
)
def test_correlations_of_causes_without_environment(
    similarity: SeriesSimilarity, first: str, second: str, wanted: float
) -> None:
    pair = similarity.pair("cause", first, second, whole=False)
    value = pair.measure("Pearson").value
    assert pair.left_out == "environment"
    assert value is not None
    assert round(value, 2) == wanted


def test_equal_profiles_would_correlate_at_92_to_99_hundredths(published_rows: RowCounts) -> None:
    """Exchange the labels of all three series at once, as the re-analysis did."""
    medians = []
    for axis in ("symptom", "cause"):
        table = published_rows.table("series", axis)
        drawn = fixed_margin_tables(
            table.counts, replicates=2_000, generator=np.random.default_rng(1)
        ).astype(float)
        medians += [
            float(np.median(pearson(drawn[:, a], drawn[:, b]))) for a, b in ((0, 1), (0, 2), (1, 2))
        ]
    assert min(medians) == pytest.approx(0.92, abs=0.005)
    assert max(medians) == pytest.approx(0.99, abs=0.005)


@pytest.mark.parametrize("axis", ["symptom", "cause"])
@pytest.mark.parametrize("other", ["DeepSeek", "Qwen"])
def test_llama_differs_from_both_others(
    similarity: SeriesSimilarity, axis: str, other: str
) -> None:
    pair = similarity.pair(axis, "Llama", other)
    r, distance = pair.measure("Pearson"), pair.measure("total variation")
    assert distance.p is not None
    assert distance.p < 0.001
    assert r.value is not None
    assert r.null_low is not None
    assert r.value < r.null_low


@pytest.mark.parametrize("axis", ["symptom", "cause"])
def test_deepseek_and_qwen_cannot_be_told_apart_and_are_not_shown_alike(
    similarity: SeriesSimilarity, axis: str
) -> None:
    pair = similarity.pair(axis, "DeepSeek", "Qwen")
    assert pair.n_first == 86
    adjusted = [a for a in similarity.adjusted if (a.axis, a.first, a.second)[:1] == (axis,)]
    p = next(a.adjusted_p for a in adjusted if {a.first, a.second} == {"DeepSeek", "Qwen"})
    assert p is not None
    assert p > 0.05
    assert pair.total_variation is not None
    assert pair.total_variation.low is not None
    assert pair.total_variation.high is not None
    assert pair.total_variation.low <= similarity.margin < pair.total_variation.high


def test_llama_has_more_distributed_hardware_and_corruption_and_less_computation(
    published_outcomes: Mapping[str, Outcome],
) -> None:
    result: Association = published_outcomes["cause_by_series"].result
    for cause in ("distributed", "hardware", "corruption"):
        cell = result.cell(cause, "Llama")
        assert cell.significant
        assert cell.residual > 0
    less = result.cell("computation", "Llama")
    assert less.significant
    assert less.residual < 0


# Lifecycle escalation: half


@pytest.fixture(scope="module")
def stages(published_rows: RowCounts) -> StageDifferences:
    return stage_differences.compute(published_rows, Settings(permutations=99, bootstraps=99))


def test_configuration_is_twice_as_frequent_in_fine_tuning(stages: StageDifferences) -> None:
    found = stages.contrast("configuration")
    assert found.first_share.estimate == pytest.approx(0.309, abs=0.0005)
    assert found.second_share.estimate == pytest.approx(0.151, abs=0.0005)
    assert f"{found.p:.0e}" == "3e-05"


def test_environment_is_about_as_frequent_in_both_stages(stages: StageDifferences) -> None:
    found = stages.contrast("environment")
    assert found.first_share.estimate == pytest.approx(0.282, abs=0.0005)
    assert found.second_share.estimate == pytest.approx(0.325, abs=0.0005)
    assert round(found.p, 2) == 0.37


def test_without_configuration_stage_and_cause_have_nothing_in_common(
    stages: StageDifferences,
) -> None:
    without = next(item for item in stages.without if item.axis == "cause")
    assert set(without.leaves) == {"configuration/inference", "configuration/fine-tuning"}
    assert without.association is not None
    assert round(without.association.chi_square, 2) == 2.80
    assert without.association.degrees_of_freedom == 7
    assert round(without.association.p, 2) == 0.90


def test_symptom_leaves_that_name_a_stage_are_left_out(stages: StageDifferences) -> None:
    """The fine-tuning anomalies, both Hang leaves and two Slow leaves."""
    without = next(item for item in stages.without if item.axis == "symptom")
    assert set(without.leaves) == {
        "incorrect/fine-tuning/convergence",
        "incorrect/fine-tuning/learning-rate",
        "incorrect/fine-tuning/gradient-explosion",
        "hang/generation",
        "hang/fine-tuning",
        "slow/inference",
        "slow/fine-tuning",
    }
