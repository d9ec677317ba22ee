"""Windows take what the engine gives them."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.memory import Sizing
from firstmile.check.memory.estimate import estimate
from firstmile.check.worlds import folder, gpu, machine, world

CONFIGS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published_configs.json").read_text(encoding="utf-8")
)


def sized(model: str, engine: str, *arguments: Argument) -> Sizing:
    snapshot = world(folder(config=CONFIGS[model]), machine(gpus=[gpu()]))
    intent = Intent(action=Action.SERVE, engine=engine, context=8192, arguments=arguments)
    found = estimate(snapshot, intent)
    assert isinstance(found, Sizing)
    return found


def keys_and_values(found: Sizing) -> float:
    assert found.device is not None
    return found.device.of("keys and values").likely


def test_sglang_gives_windows_as_many_tokens_as_the_other_layers() -> None:
    gemma = CONFIGS["Gemma 2 9B"]
    layers, heads, width = 42, gemma["num_key_value_heads"], gemma["head_dim"]
    whole = 2 * layers * heads * width * 2 * 8192
    assert keys_and_values(sized("Gemma 2 9B", "sglang")) == whole
    assert keys_and_values(sized("Gemma 2 9B", "vllm")) < whole


@pytest.mark.parametrize(
    ("arguments", "share"),
    [
        ((), 0.8),
        ((Argument(written="--x", name="swa_full_tokens_ratio", value="0.5"),), 0.5),
        ((Argument(written="--x", name="disable_hybrid_swa_memory", value=None),), 1.0),
    ],
)
def test_sglang_has_a_pool_for_windows_of_few_models(
    arguments: tuple[Argument, ...], share: float
) -> None:
    # Every second of 24 layers sees a window; 8 heads of 64 numbers.
    of_a_token = 12 * 2 * 8 * 64 * 2
    found = keys_and_values(sized("gpt-oss 20b", "sglang", *arguments))
    assert found == pytest.approx((1 + share) * of_a_token * 8192)
