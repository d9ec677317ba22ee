"""The checkpoint that a training goes on from is there, with its state and its optimizer.

Why: the Trainer looks for weights and trainer_state.json in the folder. Without weights it stops
with "Can't find a valid checkpoint at"; the folder above the checkpoints, or one that was only
saved as a model, has no trainer_state.json. Without optimizer.pt it goes on, with a fresh optimizer
and rate, and the loss jumps.

Fix: name a folder checkpoint-NUMBER that holds weights, trainer_state.json and optimizer.pt.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Checkpoint, Intent
from firstmile.check.resumed_checkpoint import OPTIMIZER, SHARDED, STATE, WEIGHTS
from firstmile.check.training_sizes import training_in
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
    cause="api/call-parameter",
    stage="fine-tuning",
    entries=("resume-finds-no-valid-checkpoint",),
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the files of the checkpoint."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    said = training.resume_from
    if said is None or said.lower() in ("false", "none", ""):
        return does_not_apply("the training begins anew")
    if said.lower() in ("true", "auto", "latest"):
        return not_known("the last checkpoint of the output folder")
    if any(each in said for each in "$`<*{"):
        return not_known("which checkpoint it is, since a variable stands for it")
    found = training.checkpoint
    if found is None:
        return not_known(f"what lies in {said}")
    proof = seen(f"there are: {', '.join(found.files) or 'none of a checkpoint'}", file=found.path)
    remedy = "Name a folder checkpoint-NUMBER of the output folder, with its full path."
    if not any(name in found.files for name in (*WEIGHTS, *SHARDED)):
        return failed(
            f"There is no checkpoint at {found.path}: it holds no weights.", proof, remedy=remedy
        )
    if STATE not in found.files:
        return failed(
            f"The folder {found.path} is no checkpoint of a training: {STATE} is missing.",
            proof,
            remedy=f"{remedy} To train a saved model further, name it as the model instead.",
        )
    if not any(name in found.files for name in OPTIMIZER):
        return warned(
            f"The checkpoint {found.path} has no optimizer: its states begin anew.",
            proof,
            remedy="Resume from a checkpoint that was saved without save_only_model.",
        )
    return passed(f"The checkpoint {found.path} holds weights, state and optimizer.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, said: str | None, *files: str, looked: bool = True) -> Example:
        there = Checkpoint(path=said or "", files=files) if looked else None
        intent = tuning(resume_from=said, checkpoint=there)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    place = "out/checkpoint-500"
    yield of(Outcome.FAIL, place)
    yield of(Outcome.FAIL, "out", "model.safetensors")
    yield of(Outcome.WARN, place, "model.safetensors", STATE)
    yield of(Outcome.PASS, place, "adapter_model.safetensors", STATE, "optimizer.pt")
    yield of(Outcome.PASS, place, "latest", STATE)
    yield of(Outcome.SKIP, "True", looked=False)
    yield of(Outcome.SKIP, place, looked=False)
    yield of(Outcome.SKIP, None, looked=False)
    yield of(Outcome.SKIP, "$RESUME_PATH")
    yield of(Outcome.SKIP, "${OUT}/checkpoint-500")
