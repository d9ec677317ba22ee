"""DeepSpeed's batch is micro batch times accumulation steps times processes.

Why: DeepSpeed asserts at its start that train_batch_size is train_micro_batch_size_per_gpu times
gradient_accumulation_steps times the number of processes. A file written for eight GPUs and run
on four ends in "AssertionError: Check batch related parameters. train_batch_size is not equal to
micro_batch_per_gpu * gradient_acc_step * world_size".

Fix: write "auto" for all three where the Trainer of transformers runs, or leave train_batch_size
out, so that it follows from the other two.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import TRAINERS, processes_of, training_in
from firstmile.check.training_worlds import tuning
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
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/assertion",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("deepspeed-batch-sizes-do-not-multiply-up",),
    references=("https://www.deepspeed.ai/docs/config-json/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Multiply what the file fixes, with what the command says for "auto"."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    tree = training.deepspeed
    if tree is None:
        return does_not_apply("DeepSpeed is not used")
    total = _number(tree.get("train_batch_size"))
    if total is None:
        return does_not_apply("the file fixes no train_batch_size")
    micro = _number(tree.get("train_micro_batch_size_per_gpu"))
    steps = _number(tree.get("gradient_accumulation_steps"))
    if tree.get("train_micro_batch_size_per_gpu") == "auto":
        micro = training.per_device_batch_size
    assumed = False
    if tree.get("gradient_accumulation_steps") == "auto":
        steps = training.gradient_accumulation_steps
        if steps is None and intent.engine in TRAINERS:
            steps, assumed = 1, True
    ranks = processes_of(snapshot, intent)
    if ranks is None:
        return not_known("the number of processes")
    proof = [seen(f"train_batch_size = {total}"), seen(counted(ranks, "process", "processes"))]
    if micro is not None:
        proof.append(seen(f"train_micro_batch_size_per_gpu = {micro}"))
    if steps is not None:
        proof.append(seen(f"gradient_accumulation_steps = {steps}"))
    whole = ranks * (micro or 1) * (steps or 1)
    if whole <= 0:
        return not_known("a batch: one of the sizes is not above zero")
    if micro is not None and steps is not None:
        if total == whole:
            return passed(f"{micro} x {steps} x {ranks} is {total}.", *proof)
        tell = warned if assumed else failed
        return tell(
            f"The file fixes a batch of {total}, but {counted(micro, 'sample')} x "
            f"{counted(steps, 'step')} x {ranks} "
            f"{'process is' if ranks == 1 else 'processes are'} {whole}.",
            *proof,
            remedy=f'In the DeepSpeed file set "train_batch_size": "auto" (or {whole}).',
        )
    if total % whole:
        return failed(
            f"The train_batch_size {total} cannot be divided by {whole}, the product of the rest.",
            *proof,
            remedy=f"Take a train_batch_size that is a multiple of {whole}.",
        )
    return passed(f"The train_batch_size {total} is a multiple of {whole}.", *proof)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, tree: Any, says: str = "", **said: Any) -> Example:
        intent = tuning(deepspeed=tree, **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    fixed = {
        "train_batch_size": 64,
        "train_micro_batch_size_per_gpu": 4,
        "gradient_accumulation_steps": 2,
    }
    yield of(Outcome.PASS, fixed, processes=8)
    yield of(Outcome.FAIL, fixed, "x 4 processes are 32", processes=4)
    yield of(Outcome.FAIL, {"train_batch_size": 256}, "cannot be divided by 7", processes=7)
    yield of(Outcome.PASS, {"train_batch_size": 256}, processes=8)
    auto = {**fixed, "train_micro_batch_size_per_gpu": "auto"}
    yield of(Outcome.FAIL, auto, per_device_batch_size=8, processes=8)
    yield of(Outcome.PASS, auto, per_device_batch_size=4, processes=8)
    both = {**auto, "gradient_accumulation_steps": "auto"}
    yield of(Outcome.WARN, both, per_device_batch_size=4, processes=8)
    yield of(
        Outcome.PASS, both, per_device_batch_size=4, gradient_accumulation_steps=2, processes=8
    )
    yield of(Outcome.FAIL, fixed, "1 process is 8", command="python train.py --deepspeed d.json")
    yield of(Outcome.SKIP, {**fixed, "train_batch_size": "auto"}, processes=4)
    yield of(Outcome.SKIP, fixed, "not known")
    yield of(Outcome.SKIP, None)
