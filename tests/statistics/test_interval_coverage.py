"""The measurement of coverage itself: it is complete, repeatable, and tells good from bad."""

from pathlib import Path

import pytest
from bench.coverage import Coverage
from bench.interval_coverage import main, measure, page
from bench.interval_families import lifts, proportions

KINDS = (
    "Wilson",
    "Clopper-Pearson",
    "difference",
    "odds ratio",
    "lift",
    "V: scaled noncentral",
    "V: noncentral",
    "V: percentile",
    "total variation: over sets",
    "total variation: percentile",
    "Cohen's kappa",
)


@pytest.fixture(scope="module")
def rows() -> list[Coverage]:
    return list(measure(data_sets=3, seed=1))


def test_every_kind_of_interval_is_measured(rows: list[Coverage]) -> None:
    assert all(any(row.interval.startswith(kind) for row in rows) for kind in KINDS)
    assert all(0 <= row.share <= 1 and row.width > 0 for row in rows)


def test_no_setting_is_measured_twice(rows: list[Coverage]) -> None:
    settings = [(row.interval, row.setting) for row in rows]
    assert len(set(settings)) == len(settings)


def test_the_same_seed_measures_the_same() -> None:
    for family in (proportions, lifts):
        assert list(family(2, 5)) == list(family(2, 5))
        assert list(family(2, 5)) != list(family(2, 6))


def test_the_page_has_a_line_for_each_setting_and_names_what_falls_short() -> None:
    def row(interval: str, covered: float, *, picked: bool = False) -> Coverage:
        return Coverage(
            interval=interval,
            setting=f"{covered:g}",
            covered=covered,
            data_sets=1000,
            width=float("inf"),
            picked=picked,
        )

    rows = [row("good", 950), row("bad", 800), row("bad", 949), row("bad", 801, picked=True)]
    text = page(rows, data_sets=1000, seed=7, command="the command", seconds=1.0)
    assert "| good | 1 | 0.950 | 0.950 | 0.950 | 0 |" in text
    assert "| bad | 3 | 0.800 | 0.801 | 0.949 | 1 |" in text
    assert "| bad | 800 | 0.950 | 0.800 | 0.774 to 0.824 | unbounded |" in text
    assert "seed: 7" in text
    assert "`the command`" in text


def test_the_page_is_written_whole(rows: list[Coverage], tmp_path: Path) -> None:
    file = tmp_path / "interval-coverage.md"
    main(["--write", str(file), "--replicates", "1"])
    every_setting = file.read_text(encoding="utf-8").split("## Every setting")[1]
    assert every_setting.count("\n| ") == len(rows) + 1
    assert list(tmp_path.iterdir()) == [file]
