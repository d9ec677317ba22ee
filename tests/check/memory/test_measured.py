"""Estimates against what real libraries took, as bench/memory.py measured it."""

import json
from pathlib import Path
from typing import Any

import pytest
from bench.memory import TOKENS, cache_of, sizing_of, weights_of

HERE = Path(__file__).parent


def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return found


CONFIGS = table("published_configs.json")
CASES = table("cases_on_a_processor.json")
MEASURED = table("measured.json")


@pytest.mark.parametrize("name", CONFIGS)
def test_weights_are_within_one_percent_of_the_tensors(name: str) -> None:
    assert weights_of(CONFIGS[name]) == pytest.approx(MEASURED["weights"][name], rel=0.01)


@pytest.mark.parametrize("name", CONFIGS)
def test_keys_and_values_are_within_one_percent_of_the_cache(name: str) -> None:
    real = MEASURED["caches"][name][str(TOKENS)]
    assert cache_of(CONFIGS[name]) == pytest.approx(real, rel=0.01)


@pytest.mark.parametrize("name", CASES)
def test_runs_on_a_processor_are_within_ten_percent(name: str) -> None:
    told = sizing_of(CASES[name]).host.needed
    real = MEASURED["resident"][name]["peak"]
    assert told.likely == pytest.approx(real, rel=0.10)
    assert told.low <= real <= told.high
