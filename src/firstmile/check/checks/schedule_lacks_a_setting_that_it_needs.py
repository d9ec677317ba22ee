"""A schedule that needs settings of its own has them.

Why: some schedules cannot be made from a rate and a warmup alone. cosine_with_min_lr stops with
"One of min_lr or min_lr_rate should be set through the lr_scheduler_kwargs", warmup_stable_decay
with a missing num_decay_steps, reduce_lr_on_plateau with "requires an eval strategy"; all after
the model was loaded.

Fix: give them by --lr_scheduler_kwargs as JSON, or take cosine.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import hidden_settings, settings_of, training_in
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
    references=("https://huggingface.co/docs/transformers/main_classes/optimizer_schedules",),
)
_NEEDS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "cosine_with_min_lr": (("min_lr", "min_lr_rate"), '{"min_lr_rate": 0.1}'),
    "cosine_warmup_with_min_lr": (("min_lr", "min_lr_rate"), '{"min_lr_rate": 0.1}'),
    "warmup_stable_decay": (("num_decay_steps",), '{"num_decay_steps": 100}'),
}
_EVALUATES: Final = ("reduce_lr_on_plateau", "greedy")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for what the schedule needs."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    name = training.scheduler
    if intent.engine not in ("transformers", "trl", "llama-factory"):
        return does_not_apply("another program has its own schedules")
    if name in _EVALUATES:
        if training.evaluation_strategy in (None, "no"):
            return failed(
                f"The schedule {name} follows evaluations, and none is asked for.",
                seen(f"lr_scheduler_type = {name}"),
                remedy="Say --eval_strategy steps --eval_steps 100, or another schedule.",
            )
        return passed(f"The schedule {name} has its evaluations.")
    if name not in _NEEDS:
        return does_not_apply("the schedule needs no settings of its own")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    keys, example = _NEEDS[name]
    get = settings_of(intent)
    said = get.tree("lr_scheduler_kwargs")
    if said is None and get.has("lr_scheduler_kwargs"):
        return not_known("what lr_scheduler_kwargs holds")
    if said is not None and any(key in said for key in keys):
        return passed(f"The schedule {name} has what it needs.")
    return failed(
        f"The schedule {name} needs {' or '.join(keys)}.",
        seen(f"lr_scheduler_type = {name}"),
        remedy=f"Say --lr_scheduler_kwargs '{example}', or --lr_scheduler_type cosine.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, name: str | None, kwargs: str = "", **said: Any) -> Example:
        flags = {"lr_scheduler_kwargs": kwargs} if kwargs else {}
        intent = tuning(scheduler=name, flags=flags, **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "cosine_with_min_lr")
    yield of(Outcome.PASS, "cosine_with_min_lr", '{"min_lr": 1e-6}')
    yield of(Outcome.FAIL, "cosine_with_min_lr", '{"num_cycles": 2}')
    yield of(Outcome.FAIL, "warmup_stable_decay")
    yield of(Outcome.FAIL, "reduce_lr_on_plateau")
    yield of(Outcome.PASS, "reduce_lr_on_plateau", evaluation_strategy="steps")
    yield of(Outcome.SKIP, "cosine_with_min_lr", "kwargs.json")
    yield of(Outcome.SKIP, "cosine")
    yield of(Outcome.SKIP, None)
