"""The study's figures on real ratings with gaps: the tags of six raters in the dl-faults data.

How round 2 came to lack its second tags, and what the coefficients alone give, is in
tests/statistics/test_agreement_on_real_raters.py. Here the raters are told apart by name, and
the figures are those that `study agree` prints, intervals included.
"""

from pathlib import Path

import numpy as np
import pytest
from bench.agreement import (
    RATERS,
    Artifact,
    consensus_against_final,
    figures,
    page,
    rated,
    read_artifacts,
)

from firstmile.statistics.agreement import fleiss_kappa
from firstmile.study.settings import Settings

SETTINGS = Settings(bootstraps=4_000)


@pytest.fixture(scope="module")
def artifacts(data_folder: Path) -> list[Artifact]:
    return read_artifacts(data_folder / "dl-faults")


def test_983_of_1059_artifacts_have_two_of_six_raters(artifacts: list[Artifact]) -> None:
    assert len(artifacts) == 1059
    codes = rated(artifacts)
    assert codes.shape == (983, 6)
    assert (codes >= 0).sum(axis=1).max() == 4


def test_the_figures_are_those_of_the_reference(artifacts: list[Artifact]) -> None:
    found = figures(rated(artifacts), SETTINGS)
    assert found.paired == 983
    for estimate, (value, low, high) in (
        (found.ac1, (0.611, 0.566, 0.656)),
        (found.alpha, (0.568, 0.521, 0.614)),
    ):
        assert estimate.estimate == pytest.approx(value, abs=0.0005)
        assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=0.006)
    assert fleiss_kappa(rated(artifacts), categories=2) == pytest.approx(0.605, abs=0.0005)


def test_the_other_reading_moves_the_figures(artifacts: list[Artifact]) -> None:
    found = figures(rated(artifacts, with_unnamed=True), SETTINGS)
    assert found.paired == 983
    assert found.ac1.estimate == pytest.approx(0.625, abs=0.0005)
    assert found.alpha.estimate == pytest.approx(0.571, abs=0.0005)


def test_fifteen_pairs_of_raters_have_a_kappa_each(artifacts: list[Artifact]) -> None:
    found = figures(rated(artifacts), SETTINGS)
    pairs = {(pair.first, pair.second): pair for pair in found.kappas}
    assert len(pairs) == 15
    assert sum(pair.items > 0 for pair in pairs.values()) == 15
    assert found.kappa == pairs["E4", "E6"].kappa


def test_dawid_and_skene_come_closer_to_the_final_tags_than_the_majority(
    artifacts: list[Artifact],
) -> None:
    found, counts = consensus_against_final(artifacts)
    assert found.converged
    assert counts["artifacts"] == 983
    assert counts["Dawid-Skene"] > counts["majority"] + counts["tied"] / 2
    assert counts["Dawid-Skene, of the tied"] > 0.65 * counts["tied"]
    best = RATERS[int(np.argmax(found.accuracy()))]
    assert best == "E1"


def test_the_page_is_written_from_the_figures(artifacts: list[Artifact]) -> None:
    text = page(artifacts[:60], settings=Settings(bootstraps=10), command="test")
    assert "| that column not read |" in text
    assert "| that column read |" in text
    assert "| 6 | 0 | no artifact has two tags | | |" in text
    assert "[0.566, 0.656]" in text
