"""The training takes at least one step.

Why: with 0 epochs the Trainer runs no step, reports a loss of 0.0 and saves the model as it was,
without an error. max_steps of 0 or less is not "no steps" but "as the epochs say". A batch size
or an accumulation of 0 ends in an error of the data loader or a division by zero.

Fix: give epochs above 0, or a positive max_steps.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.ways_of_saying import name_in
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("tuned-model-answers-like-the-base-model",),
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at epochs, steps, batch and accumulation."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    epochs, most = training.epochs, training.max_steps
    sizes = {
        "per_device_train_batch_size": training.per_device_batch_size,
        "gradient_accumulation_steps": training.gradient_accumulation_steps,
    }
    if epochs is None and most is None and not any(each is not None for each in sizes.values()):
        return does_not_apply("the command says nothing of epochs, steps or batches")
    for name, size in sizes.items():
        if size is not None and size < 1:
            return failed(
                f"No training has {name_in(intent, name)} {size}.",
                seen(f"{name_in(intent, name)} = {size}"),
                remedy=f"Say --{name} 1.",
            )
    if most is not None and most > 0:
        return passed(f"The training takes {counted(most, 'step')}.", seen(f"max_steps = {most}"))
    if epochs is not None and epochs <= 0:
        return failed(
            f"In {epochs:g} epochs no step is made: the model is saved as it was.",
            seen(f"{name_in(intent, 'num_train_epochs')} = {epochs:g}"),
            remedy="Say --num_train_epochs 1, or --max_steps with a number above 0.",
        )
    if most == 0:
        return warned(
            "A max_steps of 0 does not mean no steps: the epochs decide.",
            seen("max_steps = 0"),
            remedy="Leave max_steps out, or give the number of steps.",
        )
    return passed("The training takes steps.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(**said))

    yield of(Outcome.FAIL, epochs=0.0)
    yield of(Outcome.FAIL, epochs=0.0, max_steps=-1)
    yield of(Outcome.PASS, epochs=0.0, max_steps=100)
    yield of(Outcome.PASS, epochs=0.5)
    yield of(Outcome.PASS, epochs=3.0, max_steps=-1)
    yield of(Outcome.WARN, max_steps=0)
    yield of(Outcome.FAIL, gradient_accumulation_steps=0)
    yield of(Outcome.FAIL, per_device_batch_size=0, epochs=1.0)
    axolotl = tuning(engine="axolotl", per_device_batch_size=-2)
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(), intent=axolotl, says="micro_batch_size -2"
    )
    yield of(Outcome.SKIP)
