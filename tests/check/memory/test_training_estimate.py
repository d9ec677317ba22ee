"""Whole trainings: what they take on devices and in main memory."""

from typing import Any

import pytest
from msgspec.structs import replace

from check.memory.sized_runs import CONFIGS, H100, device, sized
from firstmile.check.intent import Action, Intent, Lora, Parallel, Training
from firstmile.check.memory import Place, Sizing, estimate
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    GRADIENTS,
    LOADING,
    LOGITS,
    STATES,
    WEIGHTS,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.sizes import GIB


def train(**said: Any) -> Intent:
    parallel = said.pop("parallel", Parallel())
    dtype = said.pop("dtype", "bfloat16")
    return Intent(
        action=Action.FINE_TUNE,
        engine="transformers",
        dtype=dtype,
        parallel=parallel,
        training=Training(bf16=True, **said),
    )


@pytest.mark.parametrize(
    ("stage", "expected"), [(0, 16), (1, 4 + 12 / 8), (2, 2 + 14 / 8), (3, 16 / 8)]
)
def test_zero_divides_as_its_paper_says(stage: int, expected: float) -> None:
    engine = {"zero_optimization": {"stage": stage}, "bf16": {"enabled": True}}
    found = device(sized("Llama 3 8B", train(deepspeed=engine, parallel=Parallel(processes=8)), 8))
    taken = found.of(WEIGHTS, STATES).likely + found.of(GRADIENTS).low
    assert taken / 8_030_261_248 == pytest.approx(expected, rel=0.01)


def test_states_are_as_wide_as_the_weights_without_an_engine() -> None:
    halves = device(sized("Llama 3 8B", train()))
    assert halves.of(WEIGHTS, GRADIENTS, STATES).likely == pytest.approx(8.03e9 * 8, rel=0.01)
    full = device(sized("Llama 3 8B", train(dtype="float32")))
    assert full.of(WEIGHTS, GRADIENTS, STATES).likely == pytest.approx(8.03e9 * 16, rel=0.01)


@pytest.mark.parametrize(
    ("optimizer", "share"),
    [("adamw_torch", 4), ("adafactor", 0.05), ("sgd", 0), ("muon", 2.2)],
)
def test_optimizers_keep_their_own_states(optimizer: str, share: float) -> None:
    found = device(sized("Llama 3 8B", train(optimizer=optimizer))).of(STATES)
    assert found.likely == pytest.approx(8.03e9 * share, rel=0.01)


def test_states_of_embeddings_stay_whole_beside_those_in_8_bits() -> None:
    found = device(sized("Llama 3 8B", train(optimizer="adamw_bnb_8bit"))).of(STATES)
    embedding = 128_256 * 4096
    assert found.likely == pytest.approx(8.03e9 * 2.03 + embedding * (8 - 2.03), rel=0.01)


def test_offloading_the_optimizer_takes_gradients_along() -> None:
    engine = {
        "zero_optimization": {"stage": 2, "offload_optimizer": {"device": "cpu"}},
        "bf16": {"enabled": True},
    }
    found = sized("Llama 3 8B", train(deepspeed=engine))
    assert device(found).of(GRADIENTS, STATES).high == 0
    assert found.host.of("offloaded optimizer states").likely == pytest.approx(
        16 * 8.03e9, rel=0.01
    )


def test_preferences_are_learnt_beside_a_frozen_copy() -> None:
    def of(kind: str, **said: Any) -> Place:
        tuned = replace(train(**said), engine="trl", program="trl", script_arguments=(kind,))
        return device(sized("Llama 3 8B", tuned))

    assert of("sft").of("reference model").likely == 0
    assert of("dpo").of("reference model").likely == of("dpo").of(WEIGHTS).likely
    adapter = {"method": "lora", "lora": Lora(rank=16)}
    assert of("dpo", **adapter).of("reference model").likely == 0
    assert (
        of("dpo", **adapter).of(ACTIVATIONS).likely
        > 1.9 * of("sft", **adapter).of(ACTIVATIONS).likely
    )


def test_a_longer_answer_takes_more_of_a_training_that_writes_answers() -> None:
    def of(**said: int) -> Sizing:
        tuned = replace(
            train(max_length=None, settings=said, gradient_checkpointing=None),
            engine="trl",
            program="trl",
            script_arguments=("grpo",),
        )
        return sized("Llama 3 8B", tuned)

    short, long = of(max_completion_length=512), of(max_completion_length=3584)
    assert (short.context, long.context) == (1024, 4096)
    assert device(long).of(ACTIVATIONS).high > 3.5 * device(short).of(ACTIVATIONS).high
    assert device(long).of(LOGITS).likely == pytest.approx(
        7 * device(short).of(LOGITS).likely, rel=0.01
    )
    assert any("prompts of 512 tokens" in each for each in long.assumptions)
    assert of().asked is False


def test_a_script_that_is_named_after_an_adapter_is_not_sized_unread() -> None:
    there = world(folder(config=CONFIGS["Llama 3 8B"]), machine(gpus=[gpu()]))
    for script, is_sized in (("lora_train.py", False), ("run_clm.py", True)):
        found = estimate(there, tuning(command=f"python {script} --output_dir o"))
        assert isinstance(found, Sizing) is is_sized
    told = tuning(command="python lora_train.py --output_dir o", method="full")
    assert isinstance(estimate(there, told), Sizing)


def test_trl_trains_in_full_unless_it_is_told_to_use_an_adapter() -> None:
    said = replace(train(lora=Lora(rank=16)), engine="trl")
    assert device(sized("Llama 3 8B", said)).of("adapter").likely == 0
    told = replace(train(lora=Lora(rank=16), method="lora"), engine="trl")
    assert device(sized("Llama 3 8B", told)).of("adapter").likely > 0


@pytest.mark.parametrize(
    ("version", "numbers"),
    # All linear layers of Qwen1.5 MoE A2.7B, added up over torch's modules: 2,044,910,592 at
    # rank 128 under transformers 4, whose experts are modules of their own.
    [("4.57.1", 2_044_910_592), ("5.1.0", 24 * 128 * (4 * 4096 + 3 * (2048 + 5632)))],
)
def test_experts_get_adapters_where_they_are_layers(version: str, numbers: int) -> None:
    there = machine(gpus=H100[:1], packages={"transformers": version})
    snapshot = world(folder(config=CONFIGS["Qwen1.5 MoE A2.7B"]), there)
    lora = Lora(rank=128, target_modules=("all-linear",))
    found = estimate(snapshot, train(method="lora", lora=lora))
    assert isinstance(found, Sizing)
    assert device(found).of("adapter").likely == pytest.approx(4 * numbers, rel=0.05)


def test_recomputing_keeps_less_than_everything() -> None:
    def activations(recompute: bool) -> float:
        found = sized("Llama 3 8B", train(gradient_checkpointing=recompute, max_length=2048))
        return device(found).of("activations").likely

    assert activations(True) < activations(False) / 3


def test_an_adapter_trains_few_numbers() -> None:
    found = device(sized("Llama 3 8B", train(method="lora", lora=Lora(rank=16))))
    assert found.of(STATES).likely < 0.2 * GIB


def test_every_process_of_a_training_loads_its_own_copy() -> None:
    found = sized("Llama 3 8B", train(parallel=Parallel(processes=8)), 8)
    assert found.host.of(LOADING).likely == pytest.approx(8 * 16.06e9, rel=0.01)


def sharded(machine_: Environment | None, **said: Any) -> Sizing:
    """Return the memory of a sharded training of a model of 8B."""
    intent = tuning(deepspeed={"zero_optimization": {"stage": 3}}, bf16=True, **said)
    found = estimate(world(folder(config=LLAMA), machine_), intent)
    assert isinstance(found, Sizing)
    return found


def test_launchers_that_take_all_gpus_spread_a_training_over_them() -> None:
    four = machine(gpus=[gpu(index=place) for place in range(4)])
    said = sharded(four, processes=4)
    unsaid = sharded(four, command="accelerate launch train.py")
    assert unsaid.devices == said.devices == 4
    assert device(unsaid).of(STATES).likely == device(said).of(STATES).likely
    assert any("4 processes" in each for each in unsaid.assumptions)
    assert sharded(four, command="accelerate launch train.py", devices=(0, 1)).devices == 2
    assert sharded(four, command="python train.py").devices == 1
    assert sharded(four, command="torchrun train.py").devices == 1


def test_a_training_whose_start_is_not_known_takes_the_visible_gpus_if_it_shards() -> None:
    two = machine(gpus=[gpu(index=place) for place in range(2)])
    assert sharded(two).devices == 2
    plain = estimate(world(folder(config=LLAMA), two), tuning(bf16=True))
    assert isinstance(plain, Sizing)
    assert plain.devices == 1


def tuned_by_llama_factory(**settings: Any) -> Sizing:
    """Return the memory of full tuning by LLaMA-Factory on one device."""
    deepspeed = settings.pop("deepspeed", None)
    intent = tuning(
        engine="llama-factory",
        method="full",
        bf16=True,
        processes=1,
        settings=settings,
        deepspeed=deepspeed,
    )
    found = estimate(world(folder(config=LLAMA), machine(gpus=[gpu()])), intent)
    assert isinstance(found, Sizing)
    return found


@pytest.mark.parametrize(
    ("settings", "bytes_each"),
    [
        ({}, 16),
        ({"pure_bf16": True}, 8),
        ({"use_badam": "true"}, 4.2),
        ({"use_adam_mini": True}, 12.2),
        ({"use_galore": True, "pure_bf16": True}, 5),
        ({"deepspeed": {"zero_optimization": {"stage": 3}, "bf16": {"enabled": "auto"}}}, 16),
    ],
)
def test_llama_factory_trains_in_full_with_float32_unless_told(
    settings: dict[str, Any], bytes_each: int
) -> None:
    found = tuned_by_llama_factory(**settings)
    held = device(found).of(WEIGHTS, GRADIENTS, STATES).likely
    assert held / found.numbers == pytest.approx(bytes_each, rel=0.05)
