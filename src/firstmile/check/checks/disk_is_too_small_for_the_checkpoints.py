"""The disk has room for at least one checkpoint of the training.

Why: a checkpoint of full fine-tuning holds the weights and the optimizer's states: with Adam
three times the weights, 96 GB for 8 billion parameters in float32, and a second one is written
before an old one is removed. A full disk ends the run at its first checkpoint, hours in, and
leaves a file that cannot be loaded.

Fix: write to a larger disk (--output_dir), keep fewer checkpoints (--save_total_limit), save
weights alone (--save_only_model), or train an adapter.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Lora, Training
from firstmile.check.memory.amount import Amount
from firstmile.check.memory.sizing import ADAPTER, OFFLOADED_STATES, STATES, Sizing
from firstmile.check.memory.telling import sized
from firstmile.check.memory.training import method_of, plan_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.environment import Folder
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="hardware/cpu-memory",
    stage="fine-tuning",
    entries=("disk-is-full-while-files-are-written",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/trainer",),
)
_WITHOUT_GRADIENTS: Final = 0.75
"""What a checkpoint keeps of states that are offloaded: 12 of 16 bytes a parameter."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold weights and optimizer states against the room in the working folder."""
    if not intent.trains:
        return does_not_apply("nothing is trained")
    training = intent.training or Training()
    if training.save_strategy == "no":
        return does_not_apply("no checkpoints are saved")
    if training.output_folder and training.output_folder.startswith("/"):
        return not_known("the room in the folder that checkpoints are saved to")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    folders = snapshot.environment.folders if snapshot.environment else ()
    place = next((one for one in folders if one.purpose == "working folder"), None)
    if place is None:
        return not_known("the room in the working folder")
    one = _checkpoint(found, intent)
    proof = (
        seen(f"a checkpoint: {shown(one.likely)}"),
        seen(f"{shown(place.free_bytes)} are free in the working folder"),
    )
    remedy = "Write to a larger disk (--output_dir), or save weights alone (--save_only_model)."
    if one.low > place.free_bytes:
        return failed(
            f"A checkpoint takes {shown(one.low)} or more, and {shown(place.free_bytes)} are free.",
            *proof,
            remedy=remedy,
        )
    if one.likely * 2 > place.free_bytes:
        return warned(
            f"Two checkpoints of {shown(one.likely)} each do not fit into "
            f"{shown(place.free_bytes)}.",
            *proof,
            remedy=remedy,
        )
    return passed(f"There is room for checkpoints of {shown(one.likely)}.", *proof)


def _checkpoint(found: Sizing, intent: Intent) -> Amount:
    """Return what one checkpoint takes: the states once, and what is trained.

    Each rank writes its part of states that are divided; else the first one writes all of them.
    """
    place = found.device or found.host
    plan = plan_of(intent, max(found.devices, 1))
    states = place.of(STATES).times(plan.by_states)
    if plan.offload_states:
        states = states + found.host.of(OFFLOADED_STATES).times(_WITHOUT_GRADIENTS)
    if method_of(intent) == "full":
        weights = found.weights
        return Amount(weights.low, weights.likely + states.likely, weights.high + states.high)
    adapter = place.of(ADAPTER)
    return Amount(adapter.low, adapter.likely + states.likely, adapter.high + states.high)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)

    def there(gib: float) -> Snapshot:
        room = Folder(
            purpose="working folder",
            path="/work",
            exists=True,
            writable=True,
            filesystem="ext4",
            total_bytes=500 * GIB,
            free_bytes=int(gib * GIB),
        )
        return world(model, machine(gpus=[gpu()], folders=[room]))

    def train(training: Training) -> Intent:
        return Intent(
            action=Action.FINE_TUNE, engine="transformers", dtype="bfloat16", training=training
        )

    full = train(Training(bf16=True))
    adapter = train(Training(method="lora", lora=Lora(rank=16)))
    yield Example(outcome=Outcome.FAIL, snapshot=there(10), intent=full)
    yield Example(outcome=Outcome.WARN, snapshot=there(60), intent=full)
    yield Example(outcome=Outcome.PASS, snapshot=there(200), intent=full)
    yield Example(outcome=Outcome.PASS, snapshot=there(10), intent=adapter)
    zero = {"stage": 2, "offload_optimizer": {"device": "cpu"}}
    offloading = train(Training(bf16=True, deepspeed={"zero_optimization": zero}))
    yield Example(outcome=Outcome.WARN, snapshot=there(60), intent=offloading, says="each")
    yield Example(outcome=Outcome.SKIP, snapshot=there(10), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(model), intent=full, says="not known")
