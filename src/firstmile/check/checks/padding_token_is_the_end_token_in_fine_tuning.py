"""In fine-tuning, the padding token is another one than the end token.

Why: transformers' DataCollatorForLanguageModeling takes every padding token out of the loss. If
padding and end token are the same, the end of each text is taken out as well: the loss looks
fine, and the tuned model never learns to stop. TRL's own
collator masks padding by the length of a text, and is not touched by it.

Fix: use another token as padding, or a collator that masks by length.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Training
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    stated,
    warned,
)
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.special_tokens import text_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("tuned-model-never-writes-its-end-token",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/data_collator",),
)
_CONFIG: Final = "tokenizer_config.json"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare both tokens where transformers' own collator may be at work."""
    if not intent.trains:
        return does_not_apply("nothing is trained")
    if intent.engine not in (None, "transformers", "accelerate", "torchrun", "deepspeed"):
        return does_not_apply("this program masks padding by the length of a text")
    training = intent.training
    if training is not None and (training.packing or training.padding_free):
        return does_not_apply("no text is padded in this training")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    pad, end = text_of(model, "pad_token"), text_of(model, "eos_token")
    if pad is None or end is None:
        return does_not_apply("the tokenizer does not name both tokens")
    proof = (stated(pad.file, "pad_token", pad.value), stated(end.file, "eos_token", end.value))
    if pad.value != end.value:
        return passed(f"Padding is {pad.value}, the end {end.value}.", *proof)
    return warned(
        f"Padding and end token are both {pad.value}: labels of padding are masked, and with "
        "them those of each text's end.",
        *proof,
        remedy="Set tokenizer.pad_token to an unused token of the vocabulary, or see that the "
        "collator masks by length (DataCollatorForSeq2Seq with labels given does).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(pad: str | None, end: str = "</s>") -> Snapshot:
        return world(folder(documents={_CONFIG: {"pad_token": pad, "eos_token": end}}))

    def tuning(engine: str | None, *, packing: bool | None = None) -> Intent:
        training = Training(packing=packing)
        return Intent(action=Action.FINE_TUNE, engine=engine, training=training)

    plain = tuning("transformers")
    yield Example(outcome=Outcome.WARN, snapshot=of("</s>"), intent=plain, says="both </s>")
    yield Example(outcome=Outcome.PASS, snapshot=of("<unk>"), intent=plain)
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), intent=plain, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of("</s>"), intent=tuning("trl"))
    packed = tuning("transformers", packing=True)
    yield Example(outcome=Outcome.SKIP, snapshot=of("</s>"), intent=packed)
    yield Example(outcome=Outcome.SKIP, snapshot=of("</s>"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=plain, says="not known")
