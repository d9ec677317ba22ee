"""The response template is a piece of what the chat template writes before an answer.

Why: TRL's completion-only collator looks for the response template in each text and takes all
before it out of the loss. Where it never occurs, every label is masked: "Could not find response
key", a loss of 0 or nan, and nothing is learnt. TRL 0.20 dropped the collator.

Fix: take the text that the model's template writes between question and answer.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.chat_templates import before_the_answer, template_of, text_of
from firstmile.check.intent import Dataset, Intent
from firstmile.check.template_worlds import chatml, template
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
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="api/call-parameter",
    stage="fine-tuning",
    entries=("response-template-is-not-found-in-the-tokens",),
    references=("https://huggingface.co/docs/trl/sft_trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the text in a rendered conversation."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    said = training.response_template
    if not said:
        return does_not_apply("the command names no response template")
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    text = text_of(found, "answered")
    if text is None:
        return not_known("what the template writes of a question and its answer")
    wanted = said.replace("\\n", "\n").strip()
    proof = (seen(f"response_template = {said!r}"), seen(f"the template writes {text[:150]!r}"))
    if wanted in text:
        return passed("The chat template writes the response template.", *proof)
    chats = any(each.roles for each in training.datasets)
    tell = failed if chats else warned
    offered = (before_the_answer(found) or "").replace("\n", "\\n")
    return tell(
        "The chat template never writes the response template: all labels are masked.",
        *proof,
        remedy=f"Say --response_template {text_word(offered)}."
        if offered
        else "Take a piece of the template's own text.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(templates=(template(chatml),))
    messages = Dataset(path="d.jsonl", form="jsonl", records=9, roles=("user", "assistant"))
    text = Dataset(path="d.jsonl", form="jsonl", records=9, keys=("text",))

    def of(outcome: Outcome, said: str | None, *data: Dataset, snapshot: Any = model) -> Example:
        intent = tuning(engine="trl", response_template=said, datasets=data)
        return Example(outcome=outcome, snapshot=world(snapshot), intent=intent)

    yield of(Outcome.FAIL, "### Response:", messages)
    yield of(Outcome.WARN, "### Response:", text)
    yield of(Outcome.PASS, "<|im_start|>assistant\\n", messages)
    yield of(Outcome.PASS, "<|im_start|>assistant", messages)
    yield of(Outcome.SKIP, None)
    yield of(Outcome.SKIP, "### Response:", snapshot=folder())
