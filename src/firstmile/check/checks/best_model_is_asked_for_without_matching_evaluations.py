"""The best model can be chosen: evaluations happen whenever a checkpoint is saved.

Why: load_best_model_at_end needs an evaluation for each checkpoint. TrainingArguments stop with
"requires the save and eval strategy to match" where they differ (no evaluation is the default),
and with "requires the saving steps to be a round multiple of the evaluation steps".

Fix: give both the same strategy, and save_steps as a multiple of eval_steps.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import TRAINERS, hidden_settings, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)
_STEPS: Final = 500.0
"""`save_steps` where nothing is said (TrainingArguments)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare both strategies and their steps."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.load_best_model or intent.engine not in TRAINERS:
        return does_not_apply("the best model is not asked for")
    get = settings_of(intent)
    if intent.engine == "axolotl" and training.evaluation_strategy is None:
        return does_not_apply("axolotl sets the strategies by other settings")
    evaluates = training.evaluation_strategy or "no"
    saves = training.save_strategy or "steps"
    if saves == "best":
        return passed("A checkpoint is saved whenever it is the best.")
    if evaluates != saves:
        better = text_word(saves) if saves != "no" else "steps"
        return failed(
            f"The best model is asked for, with evaluations by {evaluates} and checkpoints by "
            f"{saves}.",
            seen(f"eval_strategy = {evaluates}"),
            seen(f"save_strategy = {saves}"),
            remedy=f"Say --eval_strategy {better} --save_strategy {better}.",
        )
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    every, each = get.number("save_steps") or _STEPS, get.number("eval_steps")
    each = each or get.number("logging_steps") or _STEPS
    if saves == "steps" and every >= 1 and each >= 1 and every % each:
        return failed(
            f"A checkpoint every {every:g} steps does not fall on an evaluation every {each:g}.",
            seen(f"save_steps = {every:g}"),
            seen(f"eval_steps = {each:g}"),
            remedy=f"Say --save_steps {max(round(every / each), 1) * each:g}.",
        )
    return passed(f"Evaluations and checkpoints go by {saves} together.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, evaluates: str | None, saves: str | None, **flags: str) -> Example:
        intent = tuning(
            load_best_model=True, evaluation_strategy=evaluates, save_strategy=saves, flags=flags
        )
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, None, None)
    yield of(Outcome.FAIL, "epoch", "steps")
    yield of(Outcome.PASS, "epoch", "epoch")
    yield of(Outcome.FAIL, "steps", "steps", eval_steps="200", save_steps="300")
    yield of(Outcome.PASS, "steps", "steps", eval_steps="100", save_steps="300")
    yield of(Outcome.FAIL, "steps", None, eval_steps="200")
    yield of(Outcome.PASS, "steps", "best")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(save_strategy="steps"))
