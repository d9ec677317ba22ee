"""Data holds conversations where the loss is to be taken on the assistant's words alone.

Why: assistant_only_loss needs messages, in which the template can mark what the assistant said.
On plain text, or on prompt and completion as texts, TRL stops: "You set assistant_only_loss=True,
but the dataset is not conversational".

Fix: leave assistant_only_loss out (prompt and completion have the loss on the completion anyway),
or turn the data into messages.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import settings_of, training_in
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
    references=("https://huggingface.co/docs/trl/sft_trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for roles in the data."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "trl" or not settings_of(intent).truth("assistant_only_loss"):
        return does_not_apply("the loss is not taken on the assistant's words alone")
    known = [each for each in training.datasets if each.keys]
    if not known:
        return not_known("the fields of the data")
    for each in known:
        if not each.roles:
            return failed(
                f"The data of {each.path} holds no conversations, and the loss is asked for on "
                "the assistant's words.",
                seen("assistant_only_loss = True"),
                seen(f"fields: {', '.join(each.keys[:12])}", file=each.path),
                remedy="Say --assistant_only_loss False.",
            )
    return passed("The data holds conversations.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, key: str, *roles: str, on: str = "True") -> Example:
        data: Any = (Dataset(path="d.jsonl", form="jsonl", records=4, keys=(key,), roles=roles),)
        flags = {"assistant_only_loss": on}
        intent = tuning(engine="trl", datasets=data, flags=flags)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "text")
    yield of(Outcome.PASS, "messages", "user", "assistant")
    yield of(Outcome.SKIP, "text", on="False")
    flags = {"assistant_only_loss": "True"}
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(engine="trl", flags=flags))
