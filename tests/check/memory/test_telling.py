"""What checks of memory advise: flags of the engine, and devices that the machine has."""

import pytest

from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.memory import Place, Sizing, estimate
from firstmile.check.memory.amount import exactly
from firstmile.check.memory.smaller_files import smaller_file
from firstmile.check.memory.telling import fewer_bytes, hold, less_main_memory
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import GIB, shown_range
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome


def sizing_of(snapshot: Snapshot, intent: Intent) -> Sizing:
    """Return the memory of a run that can be known."""
    found = estimate(snapshot, intent)
    assert isinstance(found, Sizing)
    return found


def on_t4s(count: int, layers: int = 32) -> Snapshot:
    """Return a model on so many T4."""
    gpus = [gpu("Tesla T4", 15, "7.5", index=place) for place in range(count)]
    return world(folder(config={**LLAMA, "num_hidden_layers": layers}), machine(gpus=gpus))


@pytest.mark.parametrize(
    ("engine", "count", "layers", "says"),
    [
        (
            "vllm",
            1,
            32,
            "Load a checkpoint in 4 bits. As it is, its weights want 2 devices of this size; this "
            "machine has 1.",
        ),
        (
            "vllm",
            2,
            32,
            "Spread it over 2 devices (--tensor-parallel-size 2), or load a quantized model "
            "(--quantization fp8 where the device has it, or 4 bits).",
        ),
        (
            "sglang",
            2,
            200,
            "Take a smaller model. As it is, its weights want 8 devices of this size; this "
            "machine has 2.",
        ),
        ("transformers", 1, 32, "Load it in 4 bits (load_in_4bit)."),
        (
            "transformers",
            1,
            200,
            'Take a smaller model, or leave a part of it in main memory (device_map="auto").',
        ),
        (
            "transformers",
            2,
            32,
            'Load it over all devices (device_map="auto"), or in 4 bits (load_in_4bit).',
        ),
        (
            "llama.cpp",
            1,
            32,
            "Leave layers to the processor (--n-gpu-layers), or take a file of fewer bits that "
            "fits (Q8_0, about 7.9 GiB), or a larger device.",
        ),
    ],
)
def test_no_devices_are_advised_that_the_machine_lacks(
    engine: str, count: int, layers: int, says: str
) -> None:
    intent = Intent(action=Action.SERVE, engine=engine, dtype="bfloat16")
    found = sizing_of(on_t4s(count, layers), intent)
    assert found.device is not None
    assert fewer_bytes(intent, found, found.device) == says


@pytest.mark.parametrize(
    ("engine", "parallel", "says"),
    [
        ("vllm", Parallel(tensor=2), "Spread it over fewer devices, or take a machine with "),
        ("vllm", Parallel(), "Take a machine with "),
        ("transformers", Parallel(), "Load onto the device piece by piece (device_map="),
    ],
)
def test_main_memory_is_spared_by_what_the_engine_has(
    engine: str, parallel: Parallel, says: str
) -> None:
    intent = Intent(action=Action.SERVE, engine=engine, parallel=parallel)
    found = sizing_of(on_t4s(2), intent)
    assert less_main_memory(intent, found, found.host).startswith(says)


def test_a_context_that_fits_is_advised_where_keys_and_values_fill_main_memory() -> None:
    config = {**LLAMA, "max_position_embeddings": 131_072}
    intent = Intent(action=Action.SERVE, engine="vllm")
    found = sizing_of(world(folder(config=config), machine(memory_gib=24)), intent)
    said = less_main_memory(intent, found, found.host)
    assert said == f"Ask for a context that fits: --max-model-len {found.longest}."


def test_what_may_not_fit_is_told_with_the_figures_of_the_memory_in_the_report() -> None:
    intent = Intent(action=Action.SERVE, engine="vllm", dtype="bfloat16")
    found = sizing_of(on_t4s(1), intent)
    place = found.device
    assert place is not None
    needed = place.needed
    assert needed.low < needed.likely < needed.high
    said = hold("The run takes", needed, needed.likely, place.name, remedy="Take less.")
    reported = shown_range(needed.low, needed.likely, needed.high)
    assert said.outcome is Outcome.WARN
    assert said.message.startswith(f"The run takes {reported} of the device, and there are ")


@pytest.mark.parametrize(
    ("bits", "gib", "says"),
    [
        (4.86, 5, "a file of fewer bits that fits (IQ4_XS, about 4.2 GiB), or a larger device"),
        (4.46, 5, "a file of fewer bits that fits (Q3_K_M, about 3.7 GiB), or a larger device"),
        (8.5, 6, "a file of fewer bits that fits (Q5_K_M, about 5.3 GiB), or a larger device"),
        (4.86, 3.5, "a file of fewer bits that fits (Q2_K, about 3.0 GiB), or a larger device"),
        (4.86, 2, "a smaller model, or a larger device: no quantization of this one"),
        (2.5, 4, "a smaller model, or a larger device: no quantization of this one"),
    ],
)
def test_of_a_file_of_few_bits_only_smaller_ones_are_named(
    bits: float, gib: float, says: str
) -> None:
    numbers = 8_030_261_248
    weights = exactly(bits * numbers / 8)
    place = Place(name="the device", parts=(), limit=gib * GIB, is_gpu=True)
    intent = Intent(engine="llama.cpp")
    found = Sizing(
        intent=intent,
        device=place,
        host=place,
        devices=1,
        numbers=numbers,
        weights=weights,
        context=8192,
        asked=True,
        cache_a_token=1.0,
    )
    assert smaller_file(found, place).startswith(says)
