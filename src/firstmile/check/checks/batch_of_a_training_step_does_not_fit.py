"""Activations and logits of a training step fit on the device beside the states.

Why: a step keeps the activations of every layer for all its tokens, batch times length, and the
logits of all of them over the whole vocabulary, in float32 and with their gradients: 8 samples of
4,096 tokens over 128,256 words are more than 30 GB by themselves. Where states fit and this does
not, training ends with "CUDA out of memory" in the first step, or at the first long batch.

Fix: take fewer samples a step and accumulate gradients instead, recompute activations (gradient
checkpointing), or cut samples at a shorter length.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Intent, Lora, Training
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    ADAPTER,
    CONTEXT,
    GRADIENTS,
    LOGITS,
    REFERENCE,
    STATES,
    WEIGHTS,
)
from firstmile.check.memory.telling import flag, hold, on_device, proof, sized
from firstmile.check.memory.training import checkpoints
from firstmile.check.training_sizes import zero_stage
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, seen
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("training-step-runs-out-of-gpu-memory",),
    references=("https://arxiv.org/abs/2205.05198",),
)

_WITH_A_LENGTH: Final = ("trl", "llama-factory", "axolotl")
"""Engines that cut samples at a length of their own where nothing is said."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold a whole step against each device, where its states fit."""
    if not intent.trains:
        return does_not_apply("nothing is trained")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    if place.limit is None:
        return not_known("the memory of the accelerators")
    if place.of(WEIGHTS, REFERENCE, ADAPTER, GRADIENTS, STATES, CONTEXT).low > place.limit:
        return does_not_apply("not even the states of the training fit")
    guesses = list(found.assumptions)
    if not found.asked:
        guesses.insert(0, f"samples of {found.context:,} tokens, since the command names no length")
    said = "; ".join(guesses) or "length and batch as the command says"
    held = hold(
        "A training step takes",
        place.needed,
        place.limit,
        place.name,
        *proof(place, ACTIVATIONS, LOGITS, WEIGHTS, STATES, GRADIENTS),
        seen(said),
        remedy=_remedy(intent),
    )
    # A length that nobody said may be far from the script's own.
    guessed = not found.asked and intent.engine not in _WITH_A_LENGTH
    return replace(held, outcome=Outcome.WARN) if guessed and held.outcome is Outcome.FAIL else held


def _remedy(intent: Intent) -> str:
    recompute = "" if checkpoints(intent) else ", or recompute activations (gradient_checkpointing)"
    training = intent.training
    if training is None or training.per_device_batch_size != 1:
        steps = flag(intent, "accumulation") or "gradient_accumulation_steps"
        return f"Take fewer samples a step, and more of {steps} for the same batch{recompute}."
    if training.deepspeed is not None and zero_stage(training) < 3:
        return f"Use ZeRO stage 3, which parts the weights too{recompute}; or cut samples shorter."
    packed = intent.load_in_bits == 4
    in_bits = "" if packed else ", or train an adapter in 4 bits"
    return f"Cut samples shorter{in_bits}{recompute}."


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    card = world(model, machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")]))

    def train(batch: int, length: int | None) -> Intent:
        step = Training(
            method="qlora",
            lora=Lora(rank=16),
            bf16=True,
            per_device_batch_size=batch,
            max_length=length,
            gradient_checkpointing=False,
        )
        return Intent(action=Action.FINE_TUNE, engine="transformers", training=step)

    yield Example(outcome=Outcome.FAIL, snapshot=card, intent=train(16, 4096))
    yield Example(outcome=Outcome.PASS, snapshot=card, intent=train(1, 512))
    yield Example(outcome=Outcome.WARN, snapshot=card, intent=train(2, 1536))
    yield Example(outcome=Outcome.WARN, snapshot=card, intent=train(16, None))
    yield Example(outcome=Outcome.SKIP, snapshot=card, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=train(1, 1), says="not known")
