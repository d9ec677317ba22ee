"""Whole runs: what they take on devices and in main memory."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from firstmile.check.intent import Action, Intent, Lora, NamedFile, Parallel, Training
from firstmile.check.memory import MEASURED_ON_GPU, Fit, Place, Sizing, estimate
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    CACHE,
    GRADIENTS,
    LOADING,
    LOGITS,
    PROCESS,
    STATES,
    WEIGHTS,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.worlds import LLAMA, file, folder, gpu, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot

CONFIGS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published_configs.json").read_text(encoding="utf-8")
)
H100 = [gpu("NVIDIA H100 80GB HBM3", 79.6, "9.0", index=place) for place in range(8)]


def sized(name: str, intent: Intent, count: int = 1, gib: float = 512) -> Sizing:
    there = world(folder(config=CONFIGS[name]), machine(gpus=H100[:count], memory_gib=gib))
    found = estimate(there, intent)
    assert isinstance(found, Sizing)
    return found


def device(found: Sizing) -> Place:
    assert found.device is not None
    return found.device


def serve(**said: Any) -> Intent:
    return Intent(action=Action.SERVE, engine="vllm", **said)


def test_llama_3_8b_leaves_vllm_what_it_prints_on_an_h100() -> None:
    found = sized("Llama 3 8B", serve(gpu_memory_share=0.9, batched_tokens=8192))
    assert found.cache_room is not None
    low, _, high = found.cache_room.gib
    assert low < 54.9 < high
    assert found.cache_a_token == 131072


def test_every_part_has_bounds_in_order() -> None:
    for name in CONFIGS:
        found = sized(name, serve(parallel=Parallel(tensor=2)), 2)
        for place in found.places:
            for part in place.parts:
                assert 0 <= part.amount.low <= part.amount.likely <= part.amount.high, (name, part)


def test_totals_on_devices_say_that_they_were_not_measured() -> None:
    said = device(sized("Llama 3 8B", serve())).sentence()
    assert MEASURED_ON_GPU or "not measured on a GPU" in said


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_weights_that_a_server_offloads_lie_in_main_memory(engine: str) -> None:
    asked = Intent(action=Action.SERVE, engine=engine, context=4096)
    whole = sized("Llama 3 8B", asked)
    found = sized("Llama 3 8B", replace(asked, cpu_offload_bytes=10 * GIB))
    saved = device(whole).of(WEIGHTS).likely - device(found).of(WEIGHTS).likely
    assert saved == pytest.approx(10 * GIB, rel=0.05)
    assert found.host.needed.likely - whole.host.needed.likely > 9 * GIB


def test_tensor_parallelism_halves_the_weights() -> None:
    one = device(sized("Llama 3 8B", serve())).of(WEIGHTS).likely
    two = device(sized("Llama 3 8B", serve(parallel=Parallel(tensor=2)), 2)).of(WEIGHTS).likely
    assert two == pytest.approx(one / 2, rel=0.01)


def test_a_mixture_is_counted_in_full() -> None:
    found = device(sized("Mixtral 8x7B", serve())).of(WEIGHTS)
    assert found.likely == pytest.approx(46.7e9 * 2, rel=0.01)


def test_expert_parallelism_divides_experts_over_all_ranks() -> None:
    spread = Parallel(tensor=1, data=8, expert=True)
    whole = Parallel(tensor=1, data=8)
    cut = device(sized("DeepSeek-V3", serve(parallel=spread), 8)).of(WEIGHTS).likely
    assert cut < device(sized("DeepSeek-V3", serve(parallel=whole), 8)).of(WEIGHTS).likely / 5


def test_pipelines_deal_out_layers() -> None:
    staged = serve(parallel=Parallel(pipeline=4))
    found = device(sized("Llama 3.1 70B", staged, 4))
    assert found.of(WEIGHTS).likely == pytest.approx(70.55e9 * 2 / 4, rel=0.05)
    assert found.fit is Fit.FITS


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


def test_without_accelerators_all_of_it_lies_in_main_memory() -> None:
    intent = Intent(action=Action.GENERATE, engine="transformers", dtype="bfloat16", context=4096)
    found = sized("Llama 3 8B", intent, 0)
    assert found.device is None
    assert found.host.of(CACHE).likely == 4096 * 131072
    assert found.host.of(WEIGHTS).likely == pytest.approx(16.06e9, rel=0.01)


def test_llama_cpp_leaves_layers_to_the_processor() -> None:
    def weights(layers: int) -> float:
        intent = Intent(action=Action.SERVE, engine="llama.cpp", context=4096, gpu_layers=layers)
        return device(sized("Llama 3 8B", intent)).of(WEIGHTS).likely

    assert weights(16) == pytest.approx(weights(-1) / 2, rel=0.01)


@pytest.mark.parametrize("snapshot", [Snapshot(), world(folder()), world(folder(config={}))])
def test_what_is_missing_is_named(snapshot: Snapshot) -> None:
    assert isinstance(estimate(snapshot, serve()), str)


def test_an_unknown_machine_has_no_verdict() -> None:
    found = estimate(world(folder(config=LLAMA)), serve())
    assert isinstance(found, Sizing)
    assert found.fit is Fit.NOT_KNOWN


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


def test_text_generation_inference_takes_nine_tenths_of_its_share_for_half_types() -> None:
    intent = Intent(action=Action.SERVE, engine="text-generation-inference")
    config = {**LLAMA, "torch_dtype": "float32", "max_position_embeddings": 131072}
    found = estimate(world(folder(config=config), machine(gpus=[gpu(gib=24)])), intent)
    assert isinstance(found, Sizing)
    place = device(found)
    assert place.of(WEIGHTS).likely == pytest.approx(2 * found.numbers, rel=0.01)
    assert place.limit == pytest.approx(0.9 * 24 * GIB, rel=0.01)
    assert found.context == 4096


def test_memory_is_not_known_where_the_settings_were_not_seen() -> None:
    intent = replace(
        tuning(
            engine="axolotl", command="axolotl train gone.yml", settings={"micro_batch_size": 1}
        ),
        unread=("gone.yml (it cannot be read)",),
    )
    found = estimate(world(folder(config=LLAMA), machine(gpus=[gpu()])), intent)
    assert isinstance(found, str)


def test_memory_is_not_told_of_what_cannot_start() -> None:
    shards = world(folder(config=LLAMA, files=[file("pytorch_model.bin", 1000)]), machine())
    for engine in ("llama.cpp", "ollama"):
        found = estimate(shards, Intent(action=Action.SERVE, engine=engine))
        assert found == f"{engine} reads GGUF files, and there is none"
    lost = Intent(script="nosuch.py", files=(NamedFile(path="nosuch.py", is_there=False),))
    assert estimate(shards, lost) == "nothing runs, since the script is not there"
    other = NamedFile(path="x.jinja", is_there=False)
    assert isinstance(estimate(shards, Intent(script="train.py", files=(other,))), Sizing)


def on_a_processor(intent: Intent) -> dict[str, float]:
    """Return the likely parts of a run in main memory of a machine without devices."""
    found = sizing_on(machine(), intent)
    assert found.device is None
    return {part.name: part.amount.likely for part in found.host.parts}


def sizing_on(there: Environment, intent: Intent) -> Sizing:
    """Return the memory of a run of a Llama on a machine."""
    found = estimate(world(folder(config=LLAMA), there), intent)
    assert isinstance(found, Sizing)
    return found


def test_each_process_of_a_training_on_a_processor_holds_a_copy() -> None:
    def trained(processes: int, nodes: int = 1) -> dict[str, float]:
        return on_a_processor(
            Intent(
                action=Action.FINE_TUNE,
                engine="transformers",
                launcher="torchrun",
                dtype="bfloat16",
                parallel=Parallel(processes=processes, nodes=nodes),
                training=Training(method="lora", lora=Lora(rank=16)),
            )
        )

    one, eight = trained(1), trained(8)
    for name in (PROCESS, WEIGHTS, STATES):
        assert eight[name] == pytest.approx(8 * one[name])
    assert trained(4, nodes=2) == pytest.approx(trained(4))


def test_ranks_of_a_server_on_a_processor_share_one_model() -> None:
    def served(**sizes: Any) -> dict[str, float]:
        intent = Intent(action=Action.SERVE, engine="vllm", parallel=Parallel(**sizes))
        return on_a_processor(intent)

    one, four = served(), served(tensor=4)
    assert four[WEIGHTS] == one[WEIGHTS]
    assert four[CACHE] == one[CACHE]
    assert four[PROCESS] == pytest.approx(one[PROCESS] * 5 / 2)
    assert served(data=3)[WEIGHTS] == pytest.approx(3 * one[WEIGHTS])
    assert served(pipeline=4, nodes=2)[WEIGHTS] == pytest.approx(one[WEIGHTS] / 2)


def test_processes_that_generate_hold_a_model_each_unless_their_checkpoint_is_in_parts() -> None:
    def made(engine: str, processes: int) -> dict[str, float]:
        parallel = Parallel(processes=processes)
        return on_a_processor(Intent(action=Action.GENERATE, engine=engine, parallel=parallel))

    assert made("transformers", 4)[WEIGHTS] == pytest.approx(4 * made("transformers", 1)[WEIGHTS])
    assert made("meta-llama", 4)[WEIGHTS] == made("meta-llama", 1)[WEIGHTS]
    assert made("meta-llama", 4)[PROCESS] == pytest.approx(4 * made("meta-llama", 1)[PROCESS])
