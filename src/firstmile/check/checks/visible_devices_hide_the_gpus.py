"""CUDA_VISIBLE_DEVICES leaves GPUs visible, and names none that is not there.

Why: the variable lists the GPUs that a process may see. Empty or -1 hides all; a number that does
not exist hides itself and all that stand behind it, without an error. torch.cuda.is_available() is
then false, or a run on four GPUs finds two.

Fix: list existing numbers (nvidia-smi -L shows them, from 0), or unset the variable.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.installed import value_of
from firstmile.check.intent import Action, Intent
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
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.whole_numbers import whole_number
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/device",
    cause="environment/system-architecture",
    entries=("no-gpu-is-visible-to-the-process", "more-processes-than-gpus"),
    references=(
        "https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables",
    ),
)
_VARIABLE: Final = "CUDA_VISIBLE_DEVICES"
_NEED_ONE: Final = ("vllm", "sglang", "deepspeed")
"""Engines that do not start without a GPU; for others hiding all of them is how to use the CPU."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the listed numbers against the GPUs that were found."""
    environment = snapshot.environment
    if environment is None:
        return not_known("the environment variables and the GPUs")
    value = value_of(snapshot, intent, _VARIABLE)
    gpus = [each for each in environment.gpus if each.vendor == "NVIDIA"]
    if value is None:
        return does_not_apply(f"{_VARIABLE} is not set")
    if not gpus:
        return does_not_apply("no NVIDIA GPU was found")
    if intent.action is Action.CONVERT:
        return does_not_apply("files are converted, which needs no GPU")
    parts = [part.strip() for part in value.split(",")]
    if any(part.upper().startswith(("GPU-", "MIG-")) for part in parts):
        return not_known("which GPUs the variable's identifiers mean")
    proof = (seen(f"{_VARIABLE} = {value!r}"), seen(f"{len(gpus)} NVIDIA GPUs were found"))
    indices = {each.index for each in gpus}
    visible = []
    for part in parts:
        number = whole_number(part)
        if number is None or number not in indices:
            break
        visible.append(number)
    everything = ",".join(map(str, sorted(indices)))
    if not visible:
        say = failed if intent.engine in _NEED_ONE or intent.trains else warned
        return say(
            f"{_VARIABLE} is {value!r}, which hides every GPU.",
            *proof,
            remedy=f"unset {_VARIABLE}, or set it to {everything}.",
        )
    if len(visible) < len(parts):
        return failed(
            f"{_VARIABLE} is {value!r}: {parts[len(visible)]!r} is no GPU of this machine and "
            "hides itself and all behind it.",
            *proof,
            remedy=f"Set {_VARIABLE} to numbers among {everything}.",
        )
    return passed(f"{_VARIABLE} leaves {counted(len(visible), 'GPU')} visible.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, value: str | None, count: int = 2, engine: str = "vllm") -> Example:
        made = machine(
            gpus=[gpu(index=each) for each in range(count)],
            variables={_VARIABLE: value} if value is not None else {},
        )
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(engine=engine)
        )

    yield of(Outcome.PASS, "0,1")
    yield of(Outcome.PASS, " 1")
    yield of(Outcome.FAIL, "")
    yield of(Outcome.FAIL, "-1")
    yield of(Outcome.WARN, "-1", engine="transformers")
    yield of(Outcome.FAIL, "0,2")
    yield of(Outcome.FAIL, "0 1")
    yield of(Outcome.SKIP, "GPU-8d2b6d3f")
    yield of(Outcome.SKIP, None)
    yield of(Outcome.SKIP, "0", 0)
