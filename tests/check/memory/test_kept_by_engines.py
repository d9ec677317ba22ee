"""Windows take what the engine gives them."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.check.intent import Action, Argument, Intent, Parallel
from firstmile.check.memory import Sizing
from firstmile.check.memory.estimate import estimate
from firstmile.check.worlds import folder, gpu, machine, world
from firstmile.facts.sizes import GIB

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


def test_attention_that_every_rank_copies_takes_its_room_on_each() -> None:
    def weights(*arguments: Argument, data: int | None) -> float:
        snapshot = world(
            folder(config=CONFIGS["DeepSeek-V3"]), machine(gpus=[gpu(index=n) for n in range(8)])
        )
        parallel = Parallel(tensor=8, data=data)
        intent = Intent(
            action=Action.SERVE, engine="sglang", arguments=arguments, parallel=parallel
        )
        found = estimate(snapshot, intent)
        assert isinstance(found, Sizing)
        assert found.device is not None
        return found.device.of("weights").likely

    flag = Argument(written="--enable-dp-attention", name="enable_dp_attention", value=None)
    assert weights(flag, data=8) > weights(data=None) + 10 * GIB
