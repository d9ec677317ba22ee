"""CUDA_VISIBLE_DEVICES names each GPU once.

Why: two ranks on one GPU fight for its memory, and NCCL refuses them: "Duplicate GPU detected :
rank 1 and rank 0 both on CUDA device". CUDA itself shows no GPU at all, or fewer than are listed,
where the variable repeats a number.

Fix: list each number once, one for each rank.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="distributed/communication",
    entries=("two-ranks-use-the-same-gpu",),
    references=("https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars",),
)
_NAMES: Final = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a number that stands there twice."""
    if snapshot.environment is None and not intent.variables:
        return not_known("the variables of the machine")
    for name in _NAMES:
        said = value_of(snapshot, intent, name)
        if not said:
            continue
        parts = [part.strip() for part in said.split(",") if part.strip()]
        twice = sorted({part for part in parts if parts.count(part) > 1})
        proof = seen(f"{name}={said}")
        if twice:
            once = ",".join(dict.fromkeys(parts))
            return failed(
                f"The variable {name} names {' and '.join(twice)} twice.",
                proof,
                remedy=f"Set {name}={once}, and as many ranks.",
            )
        return passed("Each device is named once.", proof)
    return does_not_apply("no variable chooses devices")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def told(said: str) -> Intent:
        return Intent(variables={"CUDA_VISIBLE_DEVICES": said})

    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=told("0,0"), says="names 0 twice")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=told("0,10"))
    outside = machine(variables={"CUDA_VISIBLE_DEVICES": "0, 1,1"})
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, outside))
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, machine()), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
