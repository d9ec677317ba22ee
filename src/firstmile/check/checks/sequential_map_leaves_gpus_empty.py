"""Layers are spread so that each GPU keeps room for keys and values.

Why: device_map="sequential" fills one GPU after the other, up to max_memory. A model that needs
fewer GPUs than there are leaves the last ones empty and the first ones full, so that a longer
text ends in "CUDA out of memory" while a GPU has nothing to do.

Fix: device_map="balanced", or a max_memory for each GPU that spreads the weights over all.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Intent
from firstmile.check.own_code import uses_transformers
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.weight_files import weights_that_load
from firstmile.check.worlds import LLAMA, file, folder, gpu, machine, world
from firstmile.facts.environment import Gpu
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://huggingface.co/docs/accelerate/en/concept_guides/big_model_inference#designing-a-device-map",
    ),
)
_ROOM: Final = 0.85
"""What weights may take of a GPU before a longer text finds no room, as a rule of thumb."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count the GPUs that the weights fill, one after the other."""
    if not uses_transformers(intent) or (intent.device_map or "").lower() != "sequential":
        return does_not_apply("GPUs are not filled one after the other")
    environment = snapshot.environment
    if environment is None or not environment.gpus:
        return not_known("the machine's GPUs")
    gpus = [
        each for each in environment.gpus if intent.devices is None or each.index in intent.devices
    ]
    if len(gpus) < 2:
        return does_not_apply("there is one GPU")
    weights = _bytes(snapshot)
    if weights is None:
        return not_known("the size of the weights")
    if intent.load_in_bits in (4, 8):
        return does_not_apply("the weights become smaller while they are loaded")
    filled = _filled(gpus, weights)
    if filled is None:
        return not_known("the memory of the GPUs, or they cannot take the weights")
    proof = (
        seen("device_map = sequential"),
        seen(f"weights: {weights / GIB:,.0f} GiB"),
        seen(counted(len(gpus), "GPU")),
    )
    there = sum(each.memory_total_bytes or 0 for each in gpus)
    if filled == len(gpus) or weights < _ROOM * (gpus[0].memory_total_bytes or 0):
        return passed("The weights leave no GPU full beside an empty one.", *proof)
    each = weights * 1.1 / len(gpus) / GIB
    left = "the last one" if len(gpus) - filled == 1 else f"the last {len(gpus) - filled}"
    return warned(
        f"The weights fill {filled} of {len(gpus)} GPUs, and {left} can stay empty.",
        *proof,
        remedy=f'device_map="balanced", or max_memory of {each:,.0f}GiB for each GPU.'
        if weights * 1.1 < there
        else 'device_map="balanced".',
    )


def _bytes(snapshot: Snapshot) -> int | None:
    model = snapshot.model
    taken = weights_that_load(model) if model is not None else None
    if model is None or taken is None or not taken.paths:
        return None
    sizes = [found.size_bytes for path in taken.paths if (found := model.file(path)) is not None]
    return sum(sizes) if len(sizes) == len(taken.paths) else None


def _filled(gpus: list[Gpu], weights: int) -> int | None:
    left = float(weights)
    for place, each in enumerate(gpus, start=1):
        if not each.memory_total_bytes:
            return None
        left -= each.memory_total_bytes
        if left <= 0:
            return place
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, gib: float, count: int = 8, says: str = "", **said: Any) -> Example:
        here = machine(gpus=[gpu(index=place) for place in range(count)])
        made = folder(
            config=LLAMA, files=[file("model.safetensors", int(gib * GIB), looks="safetensors")]
        )
        asked: Mapping[str, Any] = {"device_map": "sequential", **said}
        intent = Intent(engine="transformers", action=Action.GENERATE, **asked)
        return Example(outcome=outcome, snapshot=world(made, here), intent=intent, says=says)

    yield of(Outcome.WARN, 440, says="the last 2 can stay empty")
    yield of(Outcome.PASS, 600)
    yield of(Outcome.PASS, 15)
    yield of(Outcome.SKIP, 700, says="cannot take")
    yield of(Outcome.SKIP, 440, 1)
    yield of(Outcome.SKIP, 440, device_map="auto")
    asked = Intent(engine="transformers", device_map="sequential")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
