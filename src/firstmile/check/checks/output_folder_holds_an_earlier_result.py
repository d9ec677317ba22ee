"""The output folder is new, or meant to be gone on with.

Why: LLaMA-Factory stops where the folder holds a model but no checkpoint ("Output directory already
exists and is not empty. Please set overwrite_output_dir"). Others write into it: files of the old
and the new result lie together, and a loader may take the old shards.

Fix: name another output folder, empty it, or resume from a checkpoint in it.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Checkpoint, Intent
from firstmile.check.resumed_checkpoint import WEIGHTS
from firstmile.check.training_sizes import hidden_settings, settings_of, training_in
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
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://github.com/hiyouga/LLaMA-Factory/tree/main/examples",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at what lies in the folder already."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.output_folder is None:
        return does_not_apply("the command names no output folder")
    if training.resume_from is not None:
        return does_not_apply("an earlier training is gone on with")
    there = training.output
    if there is None:
        return not_known("what lies in the output folder")
    weights = [name for name in there.files if name in WEIGHTS]
    if not weights:
        return passed("The output folder holds no earlier result.")
    if settings_of(intent).truth("overwrite_output_dir"):
        return passed("The earlier result is overwritten on purpose.")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    proof = seen(f"there are: {', '.join(weights)}", file=there.path)
    if intent.engine == "llama-factory":
        return failed(
            f"The output folder {there.path} holds a model, which LLaMA-Factory refuses.",
            proof,
            remedy="Set overwrite_output_dir: true, or name another output_dir.",
        )
    return warned(
        f"The output folder {there.path} holds an earlier result, whose files stay beside the new.",
        proof,
        remedy="Name another --output_dir, or empty this one.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, engine: str, *files: str, **said: Any) -> Example:
        there = Checkpoint(path="out", files=files)
        intent = tuning(engine=engine, output_folder="out", output=there, **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "llama-factory", "adapter_model.safetensors")
    over = {"overwrite_output_dir": "true"}
    yield of(Outcome.PASS, "llama-factory", "adapter_model.safetensors", flags=over)
    yield of(Outcome.WARN, "trl", "model.safetensors")
    yield of(Outcome.PASS, "trl", "training_args.bin")
    yield of(Outcome.SKIP, "trl", "model.safetensors", resume_from="True")
    intent = tuning(output_folder="out")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=intent, says="not known")
