"""Whole runs: what they take on devices and in main memory."""

from typing import Any

import pytest
from msgspec.structs import replace

from check.memory.sized_runs import CONFIGS, device, serve, sized
from firstmile.check.intent import Action, Intent, Lora, NamedFile, Parallel, Training
from firstmile.check.memory import MEASURED_ON_GPU, Fit, Sizing, estimate
from firstmile.check.memory.sizing import (
    CACHE,
    PROCESS,
    STATES,
    WEIGHTS,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.worlds import LLAMA, file, folder, gpu, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot


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
