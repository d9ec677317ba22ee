"""Data has prompts and completions apart where the loss is to be taken on completions alone.

Why: completion_only_loss takes prompts out of the loss, and only works on data with the fields
prompt and completion. On messages or plain text TRL's recent releases pass over it without a word
and train on everything, questions included; some releases stop instead.

Fix: give prompt and completion as two fields, or say --assistant_only_loss True for messages.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/sft_trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for both fields in the data."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    get = settings_of(intent)
    said = get.truth("completion_only_loss")
    if intent.engine != "trl" or not said:
        return does_not_apply("TRL is not asked for the loss on completions alone")
    known = [each for each in training.datasets if each.keys]
    if not known:
        return not_known("the fields of the data")
    for each in known:
        if not {"prompt", "completion"} <= set(each.keys) and "completion_mask" not in each.keys:
            return warned(
                "The data has no prompts and completions: the loss is taken on all of each text.",
                seen("completion_only_loss = True"),
                seen(f"fields: {', '.join(each.keys[:12])}", file=each.path),
                remedy="Give prompt and completion as two fields, or say --assistant_only_loss "
                "True where the data holds messages.",
            )
    return passed("The data has prompts and completions apart.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *keys: str, on: str = "True", engine: str = "trl") -> Example:
        data: Any = (Dataset(path="d.jsonl", form="jsonl", records=4, keys=keys),) if keys else ()
        flags = {"completion_only_loss": on}
        intent = tuning(engine=engine, datasets=data, flags=flags)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.WARN, "messages")
    yield of(Outcome.WARN, "text")
    yield of(Outcome.PASS, "prompt", "completion")
    yield of(Outcome.SKIP)
    yield of(Outcome.SKIP, "messages", on="False")
    yield of(Outcome.SKIP, "messages", engine="transformers")
