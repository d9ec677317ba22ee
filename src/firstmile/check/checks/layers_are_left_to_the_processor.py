"""The devices hold the whole model, so that no layer is left to the processor.

Why: a device map that is found by itself ("auto"), Ollama and newer llama.cpp put on the devices
what fits, and the rest into main memory or onto the disk. Nothing fails and nothing much is said,
but every token then waits for main memory: one in seconds rather than many a second.

Fix: take a quantization that fits, a shorter context, or another device.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.changing.serving import SHORTEST
from firstmile.check.intent import Action, Intent
from firstmile.check.memory.estimate import estimate
from firstmile.check.memory.left_over import left_over, spreads_by_itself
from firstmile.check.memory.sizing import CACHE, WEIGHTS, Fit, Place, Sizing
from firstmile.check.memory.smaller_files import smaller_file
from firstmile.check.memory.telling import on_device, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, warned
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="hardware/gpu-memory",
    stage="inference",
    entries=("layers-were-offloaded-because-the-gpu-is-too-small",),
    references=("https://huggingface.co/docs/accelerate/main/en/usage_guides/big_modeling",),
)
_CONTEXTS: Final = {"llama.cpp": "-c", "ollama": "num_ctx"}
_OF_FEW_BITS: Final = 6
"""Bits a number, from which on downwards loading in four saves little."""
_USUAL: Final = 8192
"""Tokens of context that are proposed where none are asked for."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for weights that an engine, spreading by itself, leaves in main memory."""
    if intent.trains or not spreads_by_itself(intent):
        return does_not_apply("layers are not spread by the engine itself")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    left = left_over(found)
    if not left:
        return passed("The devices hold the whole model.", *proof(place, WEIGHTS, CACHE))
    return warned(
        f"About {shown(left)} of {shown(found.weights.likely)} of weights are left to main memory.",
        *proof(place, WEIGHTS, CACHE),
        remedy=_remedy(snapshot, intent, found, place),
    )


def _remedy(snapshot: Snapshot, intent: Intent, found: Sizing, place: Place) -> str:
    """Return the longest context with which all weights lie on the devices, else smaller weights.

    Where there is neither, what releases that do not find it by themselves are to be told.
    """
    option = _CONTEXTS.get(intent.engine or "")
    if option is not None and SHORTEST <= (found.longest_whole or 0) < found.context:
        return f"Set {option} {found.longest_whole}, which leaves no weights to main memory."
    if intent.engine == "transformers":
        return _fewer_bits(found)
    smaller = f"Take {smaller_file(found, place)}."
    if intent.engine != "llama.cpp" or not found.layers:
        return smaller
    context = min(found.context, _USUAL) if intent.context is None else intent.context
    count = _most_layers(snapshot, replace(intent, context=context), found.layers)
    if not count:
        return smaller
    told = f"-ngl {count}" if intent.context else f"-c {context} -ngl {count}"
    return f"{smaller} As it is, {told} puts {count} of its {found.layers} layers on the device."


def _fewer_bits(found: Sizing) -> str:
    """Return what transformers loads that is smaller."""
    if 8 * found.weights.likely < _OF_FEW_BITS * max(found.numbers, 1):
        return "Take a smaller model, or a larger device: this one is of few bits already."
    return "Take a quantization that fits (4 bits), or a shorter context."


def _most_layers(snapshot: Snapshot, intent: Intent, layers: int) -> int:
    """Return how many layers fit on the devices with their error bar, by halving."""
    low, high = 0, layers
    while high - low > 1:
        middle = (low + high) // 2
        sizing = estimate(snapshot, replace(intent, gpu_layers=middle))
        fits = not isinstance(sizing, str) and sizing.fit is Fit.FITS
        low, high = (middle, high) if fits else (low, middle)
    return low


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    auto = Intent(
        action=Action.GENERATE, engine="transformers", dtype="bfloat16", device_map="auto"
    )
    small = world(model, machine(gpus=[gpu("NVIDIA GeForce RTX 3060", 12, "8.6")]))
    yield Example(outcome=Outcome.WARN, snapshot=small, intent=auto, says="main memory")
    large = world(model, machine(gpus=[gpu()]))
    yield Example(outcome=Outcome.PASS, snapshot=large, intent=auto)
    two = world(model, machine(gpus=[gpu("NVIDIA L4", 22, "8.9", index=n) for n in range(2)]))
    yield Example(outcome=Outcome.PASS, snapshot=two, intent=auto)
    wide = {**LLAMA, "num_hidden_layers": 2}
    ollama = Intent(action=Action.GENERATE, engine="ollama")
    embedded = world(folder(config=wide), machine(gpus=[gpu()]))
    yield Example(outcome=Outcome.PASS, snapshot=embedded, intent=ollama)
    yield Example(outcome=Outcome.WARN, snapshot=small, intent=ollama)
    yield Example(outcome=Outcome.SKIP, snapshot=small, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=auto, says="not known")
