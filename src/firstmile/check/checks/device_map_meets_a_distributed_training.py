"""A model that several processes train is not spread over devices by a device map.

Why: a device map puts the layers of one copy on all GPUs, while a launcher starts a process for
each GPU with a copy of its own. accelerate refuses: "You can't train a model that has been loaded
with device_map='auto' in any distributed mode"; ZeRO stage 3 parts the weights itself and is
"not compatible with passing a device_map". FSDP does so as well.

Fix: leave the device map out under a launcher, or start one process with python and keep it.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import processes_of, said_of, training_in, zero_stage
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=(
        "zero-3-with-a-device-map",
        "model-split-by-a-device-map-meets-a-distributed-launch",
    ),
    references=("https://huggingface.co/docs/accelerate/usage_guides/big_modeling",),
)
_SPREADS: Final = ("auto", "balanced", "balanced_low_0", "sequential")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a device map beside several processes or ZeRO 3."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.device_map is None:
        return does_not_apply("the command names no device map")
    asked = seen(f"device_map = {intent.device_map}")
    if zero_stage(training) == 3:
        return failed(
            "A device map is given under ZeRO stage 3, which parts the weights itself.",
            asked,
            seen("zero_optimization.stage = 3"),
            remedy="Leave the device map out.",
        )
    if intent.device_map not in _SPREADS:
        return does_not_apply("the device map puts the whole model on one device")
    if intent.engine == "trl" and training.fsdp is None:
        return does_not_apply("TRL drops the device map where several processes train")
    count = processes_of(snapshot, intent)
    if count is None:
        return not_known("the number of processes")
    if count > 1:
        return failed(
            "The model is spread by a device map, and "
            f"{counted(count, 'process is', 'processes are')} started.",
            asked,
            seen(counted(count, "process", "processes")),
            *said_of(intent),
            remedy="Leave the device map out, or start the script by python alone.",
        )
    return passed("One process trains, over the devices of its device map.", asked)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, says: str = "", **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(**said), says=says)

    yield of(Outcome.FAIL, "4 processes", device_map="auto", processes=4)
    yield of(Outcome.PASS, device_map="auto", command="python train.py")
    zero = {"zero_optimization": {"stage": 3}}
    yield of(Outcome.FAIL, "ZeRO", device_map="auto", deepspeed=zero)
    yield of(Outcome.FAIL, "ZeRO", device_map="auto", deepspeed=zero, engine="trl")
    yield of(Outcome.FAIL, "ZeRO", device_map="cuda:0", deepspeed=zero)
    yield of(Outcome.SKIP, device_map="auto", engine="trl", processes=4)
    yield of(Outcome.SKIP, device_map="cuda:0", processes=4)
    yield of(Outcome.SKIP, "not known", device_map="auto")
    yield of(Outcome.SKIP, processes=4)
