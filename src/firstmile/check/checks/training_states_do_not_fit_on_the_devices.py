"""Weights, gradients and optimizer states of a training fit on the devices.

Why: training all weights with Adam keeps 16 bytes a parameter where weights are in float32 or an
engine keeps float32 copies, and 8 where everything is in 16 bits: 8 billion parameters want 128
or 64 GB before the first token. That is not changed by a smaller batch. The run ends with "CUDA
out of memory" at the first optimizer step, after a first forward pass that went well.

Fix: train an adapter (LoRA, or QLoRA on weights in 4 bits), shard the states over devices (ZeRO
or FSDP), keep them in 8 bits, or offload them to main memory.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Lora, Parallel, Training
from firstmile.check.memory.sizing import ADAPTER, CONTEXT, GRADIENTS, REFERENCE, STATES, WEIGHTS
from firstmile.check.memory.telling import flag, hold, on_device, proof, sized
from firstmile.check.memory.training import method_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="hardware/gpu-memory",
    stage="fine-tuning",
    entries=("optimizer-state-does-not-fit-on-the-gpu", "training-step-runs-out-of-gpu-memory"),
    references=("https://arxiv.org/abs/1910.02054", "https://arxiv.org/abs/2305.14314"),
)

LASTING: Final = (WEIGHTS, REFERENCE, ADAPTER, GRADIENTS, STATES, CONTEXT)
"""What a device holds at an optimizer step, whatever the batch."""

_PACKED: Final = {
    "llama-factory": "quantization_bit: 4",
    "axolotl": "load_in_4bit: true with adapter: qlora",
}
"""How files of settings ask for weights in 4 bits."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what lasts between steps against each device."""
    if not intent.trains:
        return does_not_apply("nothing is trained")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    return hold(
        "Weights, gradients and optimizer states take",
        place.of(*LASTING),
        place.limit or 0.0,
        place.name,
        *proof(place, *LASTING),
        remedy=_remedy(intent),
    )


def _remedy(intent: Intent) -> str:
    adapter, packed = flag(intent, "adapter"), flag(intent, "four_bits")
    if method_of(intent) == "qlora":
        return "Take a smaller model, or shard it over devices by FSDP."
    if method_of(intent) == "lora":
        packed = packed or _PACKED.get(intent.engine or "", "load_in_4bit")
        return f"Load the weights in 4 bits ({packed})."
    return (
        f"Train an adapter ({adapter or 'a LoraConfig of PEFT'}), shard the states over devices "
        "(ZeRO 3 or FSDP), or keep them in 8 bits (--optim adamw_bnb_8bit)."
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    one = world(model, machine(gpus=[gpu()]))

    def train(training: Training, processes: int = 1) -> Intent:
        return Intent(
            action=Action.FINE_TUNE,
            engine="trl",
            dtype="bfloat16",
            parallel=Parallel(processes=processes),
            training=training,
        )

    lora = Training(bf16=True, method="lora", lora=Lora())
    packed = Training(bf16=True, method="qlora", lora=Lora())
    engine = {"zero_optimization": {"stage": 2}, "bf16": {"enabled": True}}
    yield Example(
        outcome=Outcome.FAIL, snapshot=one, intent=train(Training(bf16=True, deepspeed=engine))
    )
    yield Example(outcome=Outcome.PASS, snapshot=one, intent=train(lora))
    eight = world(model, machine(gpus=[gpu(index=place) for place in range(8)]))
    spread = train(Training(bf16=True, deepspeed=engine), processes=8)
    yield Example(outcome=Outcome.PASS, snapshot=eight, intent=spread)
    small = world(model, machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")]))
    yield Example(outcome=Outcome.PASS, snapshot=small, intent=train(packed))
    yield Example(outcome=Outcome.FAIL, snapshot=small, intent=train(Training(bf16=True)))
    yield Example(outcome=Outcome.SKIP, snapshot=one, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=train(lora), says="not known")
