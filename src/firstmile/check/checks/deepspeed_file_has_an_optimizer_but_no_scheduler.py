"""A DeepSpeed file that names an optimizer is one that the installed transformers takes.

Why: transformers 4.30 to 4.32 refused an optimizer in the DeepSpeed file without a scheduler
beside it: "Found optimizer configured in the DeepSpeed config, but no scheduler. Please configure
a scheduler". Releases before and after take the Trainer's schedule.

Fix: install transformers 4.33.3 or newer, or drop the file\'s optimizer.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import release_here, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    stated,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="environment/dependency-library",
    stage="fine-tuning",
    entries=("deepspeed-optimizer-without-a-scheduler",),
    references=("https://huggingface.co/docs/transformers/deepspeed",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the file's optimizer and scheduler, and at transformers."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    tree = training.deepspeed or {}
    if tree.get("optimizer") is None:
        return does_not_apply("no DeepSpeed file names an optimizer")
    if tree.get("scheduler") is not None:
        return does_not_apply("the file names a scheduler as well")
    if intent.engine == "deepspeed":
        return does_not_apply("transformers does not read the file")
    release = release_here(snapshot, "transformers")
    package = package_of(snapshot, "transformers")
    if release is None or package is None:
        return not_known("the installed transformers")
    if (4, 30) <= release < (4, 33):
        return failed(
            "This transformers refuses an optimizer without a scheduler in the DeepSpeed file.",
            stated("DeepSpeed file", "optimizer", tree["optimizer"]),
            installed(package),
            remedy='Run pip install -U "transformers>=4.33.3", or drop "optimizer" in the file.',
        )
    return passed(
        "This transformers joins the file's optimizer with its own schedule.", installed(package)
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, version: str, tree: Any, **said: Any) -> Example:
        here = machine(packages={"transformers": version})
        intent = tuning(deepspeed=tree, **said)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    alone = {"optimizer": {"type": "AdamW"}}
    yield of(Outcome.FAIL, "4.31.0", alone)
    yield of(Outcome.PASS, "4.33.3", alone)
    yield of(Outcome.PASS, "4.29.2", alone)
    yield of(Outcome.SKIP, "4.31.0", {**alone, "scheduler": {"type": "WarmupLR"}})
    yield of(Outcome.SKIP, "4.31.0", alone, engine="deepspeed")
    yield of(Outcome.SKIP, "4.31.0", {})
