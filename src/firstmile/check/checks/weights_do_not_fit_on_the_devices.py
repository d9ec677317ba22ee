"""The weights fit on the devices that they are spread over.

Why: a model takes its parameters times the bytes of a number (two in 16 bits, about 0.55 in 4
bits), all experts of a mixture counted, on every device its share. Where that is more than a
device has, loading ends with "CUDA out of memory" before the first token, often after minutes of
reading.

Fix: spread the model over more devices by tensor or pipeline parallelism, load a quantized
checkpoint, or take a smaller model.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.memory.sizing import CONTEXT, WEIGHTS
from firstmile.check.memory.telling import fewer_bytes, hold, on_device, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, seen
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="hardware/gpu-memory",
    entries=("weights-do-not-fit-on-the-gpu-while-loading", "gpu-memory-is-full"),
    references=("https://huggingface.co/docs/accelerate/main/en/usage_guides/big_modeling",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold weights and CUDA context against what the engine may take of the fullest device."""
    if intent.trains:
        return does_not_apply("the states of a training are judged together")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    peak = found.loading_peak
    if peak is not None and peak > (place.limit or peak):
        return failed(
            f"Weights are loaded whole before they are rounded: {shown(peak)} of {place.name}, and "
            f"{shown(place.limit or 0.0)} are there.",
            seen(f"quantization = {intent.quantization}, of files that are not quantized"),
            remedy="Take a checkpoint that is quantized already, or spread it over more devices.",
        )
    return hold(
        "Weights and CUDA context take",
        place.of(WEIGHTS, CONTEXT),
        place.limit or 0.0,
        place.name,
        *proof(place, WEIGHTS, CONTEXT),
        remedy=fewer_bytes(intent, found, place),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    serve = Intent(action=Action.SERVE, engine="vllm")
    small = machine(gpus=[gpu("Tesla T4", 15, "7.5")])
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(model, small), intent=serve, says="CUDA context take"
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(model, machine(gpus=[gpu()])), intent=serve)
    rounded = Intent(action=Action.SERVE, engine="vllm", quantization="fp8")
    narrow = machine(gpus=[gpu("NVIDIA L4", 12, "8.9")], packages={"vllm": "0.11.0"})
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(model, narrow), intent=rounded, says="loaded whole"
    )
    newer = machine(gpus=[gpu("NVIDIA L4", 12, "8.9")], packages={"vllm": "0.21.0"})
    yield Example(outcome=Outcome.PASS, snapshot=world(model, newer), intent=rounded)
    two = machine(gpus=[gpu("Tesla T4", 15, "7.5", index=place) for place in range(2)])
    halves = Intent(action=Action.SERVE, engine="vllm", parallel=Parallel(tensor=2))
    yield Example(outcome=Outcome.PASS, snapshot=world(model, two), intent=halves)
    packed = {"quant_method": "awq", "bits": 4, "group_size": 128}
    awq = folder(config={**LLAMA, "quantization_config": packed})
    yield Example(outcome=Outcome.PASS, snapshot=world(awq, small), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=world(model), intent=serve, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(model, small), says="does not apply")
    without = world(model, machine())
    yield Example(outcome=Outcome.SKIP, snapshot=without, intent=serve, says="no accelerator")
