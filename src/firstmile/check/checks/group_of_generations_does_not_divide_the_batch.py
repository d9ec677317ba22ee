"""The batch of a GRPO step holds whole groups of generations.

Why: GRPO compares the answers to one prompt with each other, so the batch over all processes must
be a multiple of num_generations (8 where nothing is said), and each group needs two. Otherwise
GRPOConfig stops: "generation_batch_size must be divisible by num_generations". Releases before 0.17
count without accumulation steps.

Fix: choose batch x processes x accumulation as a multiple of num_generations, or fewer generations.
"""

from collections.abc import Iterator
from math import gcd
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    MICRO_BATCH,
    hidden_settings,
    kind_of,
    processes_of,
    release_here,
    settings_of,
    training_in,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/grpo_trainer",),
)
_GENERATIONS: Final = 8


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide the batch by the generations of a prompt."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "trl" or kind_of(intent) not in ("grpo", "rloo"):
        return does_not_apply("no group of answers is compared")
    get = settings_of(intent)
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    group = get.whole("num_generations")
    if group is not None and group < 2:
        return failed(
            f"A group of {group} cannot be compared with itself: nothing is learnt.",
            seen(f"num_generations = {group}"),
            remedy="Say --num_generations 8.",
        )
    if group is None and kind_of(intent) == "rloo":
        return does_not_apply("the command names no number of generations")
    group = group or _GENERATIONS
    ranks = processes_of(snapshot, intent)
    if ranks is None:
        return not_known("the number of processes")
    micro = training.per_device_batch_size or MICRO_BATCH
    steps = get.whole("steps_per_generation") or training.gradient_accumulation_steps or 1
    release = release_here(snapshot, "trl")
    if release is not None and release < (0, 17):
        steps = 1
    whole = get.whole("generation_batch_size") or micro * ranks * steps
    proof = (
        seen(
            f"generation batch = {whole} ({counted(micro, 'sample')}, "
            f"{counted(ranks, 'process', 'processes')}, {counted(steps, 'step')})"
        ),
        seen(f"num_generations = {group}"),
    )
    if whole % group == 0:
        return passed(f"A batch of {whole} holds whole groups of {group}.", *proof)
    return failed(
        f"A batch of {whole} does not hold whole groups of {group} generations.",
        *proof,
        remedy=f"Say --num_generations {gcd(whole, group)}, or choose batch x processes x "
        f"steps as a multiple of {group}."
        if gcd(whole, group) > 1
        else f"Choose batch x processes x steps as a multiple of {group}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, micro: int, command: str = "trl grpo", **said: Any) -> Example:
        here = machine(packages={"trl": said.pop("trl", "1.16.0")})
        said = {"processes": 1, "engine": "trl", **said}
        intent = tuning(command=command, per_device_batch_size=micro, **said)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    yield of(Outcome.FAIL, 4)
    yield of(Outcome.PASS, 4, gradient_accumulation_steps=2)
    yield of(Outcome.FAIL, 4, gradient_accumulation_steps=2, trl="0.16.1")
    yield of(Outcome.PASS, 4, processes=2)
    yield of(Outcome.FAIL, 6)
    yield of(Outcome.PASS, 6, flags={"num_generations": "3"})
    yield of(Outcome.FAIL, 8, flags={"num_generations": "1"})
    yield of(Outcome.SKIP, 4, "trl sft")
    unknown = tuning(engine="trl", command="trl grpo", per_device_batch_size=4)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=unknown, says="not known")
