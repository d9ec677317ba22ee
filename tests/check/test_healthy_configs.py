"""Configs of published models fail no check of inference, numbers and spreading by themselves."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.running import judge_one
from firstmile.check.unit import check_id, find_checks
from firstmile.check.worlds import folder, gpu, machine, world
from firstmile.findings import Outcome

CONFIGS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "memory/published_configs.json").read_text()
)
CAUSES = ("configuration/inference", "computation/", "distributed/")
NOT_OF_CONFIGS = (
    "memory",
    "weights",
    "keys-and-values",
    "context-does-not",
    "devices",
    "layers-are",
)
"""Checks of memory, which a machine of any size may fail."""
CHECKS = [
    check
    for check in find_checks()
    if check.ABOUT.cause.startswith(CAUSES)
    and not check_id(check).startswith(NOT_OF_CONFIGS)
    and "fit" not in check_id(check)
]
HOPPER = machine(
    gpus=[gpu("NVIDIA H100 80GB HBM3", 80, "9.0", index=n) for n in range(8)],
    packages={"torch": "2.8.0", "transformers": "4.57.1", "vllm": "0.11.0"},
)
SAMPLES = {"do_sample": True, "temperature": 0.6, "top_p": 0.95, "eos_token_id": [1, 2]}
INTENTS = {
    "nothing": Intent(),
    "vllm": Intent(action=Action.SERVE, engine="vllm", model="m", parallel=Parallel(tensor=1)),
    "sglang": Intent(action=Action.SERVE, engine="sglang", model="m"),
    "transformers": Intent(action=Action.GENERATE, engine="transformers", dtype="auto", model="m"),
}


def test_there_are_checks_and_configs() -> None:
    assert len(CHECKS) > 50
    assert len(CONFIGS) > 25


@pytest.mark.parametrize("use", INTENTS)
@pytest.mark.parametrize("name", CONFIGS)
def test_a_published_config_fails_nothing(name: str, use: str) -> None:
    there = world(
        folder(config=CONFIGS[name], documents={"generation_config.json": SAMPLES}), HOPPER
    )
    found = [
        f"{each.source}: {each.message}"
        for check in CHECKS
        for each in judge_one(check, there, INTENTS[use])
        if each.outcome in (Outcome.FAIL, Outcome.ERROR)
    ]
    assert found == []
