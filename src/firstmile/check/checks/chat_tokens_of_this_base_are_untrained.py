"""An adapter that teaches a base model to chat uses marks that the base was trained on.

Why: the base models of Llama 3 have the marks of turns (<|start_header_id|>, <|eot_id|>) in their
vocabulary, and never saw them. An adapter on the projections alone cannot train their rows: the
tuned model does not know the end of a turn, and repeats itself until the limit.

Fix: tune the Instruct model; or take a template of plain text (LLaMA-Factory: template default), or
train the embeddings too (additional_target or modules_to_save: embed_tokens, lm_head).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/repetitive",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=(
        "https://unsloth.ai/blog/phi3",
        "https://github.com/meta-pytorch/torchtune/issues/2429",
    ),
)
_BASES: Final = re.compile(r"(?i)(?:meta-)?llama-?3(?:\.[12])?-(?:1|3|8|70|405)b(?:-base)?")
"""Models of Llama 3 whose names lack the word Instruct."""
_USING: Final = re.compile(r"(?i)llama-?3.*")
_ROWS: Final = ("embed_tokens", "lm_head")
_ENGINES: Final = ("llama-factory", "axolotl")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the base's name, the template, and what the adapter trains."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in _ENGINES or training.method not in ("lora", "qlora"):
        return does_not_apply("no adapter is trained with a template of the command")
    names = (intent.model, snapshot.model.snapshot_of if snapshot.model else None)
    lasts = [(name or "").rstrip("/").partition(" at ")[0].rpartition("/")[2] for name in names]
    base = next((name for name in lasts if _BASES.fullmatch(name)), None)
    if base is None:
        return does_not_apply("the model is no base of Llama 3 by its name")
    get = settings_of(intent)
    template = intent.chat_template or get.text("chat_template", "template")
    if template is None or _USING.fullmatch(template) is None:
        return does_not_apply("the template does not write the marks of Llama 3")
    saved = training.lora.modules_to_save if training.lora is not None else ()
    trained = (*saved, *get.texts("additional_target", "lora_modules_to_save"))
    proof = (seen(f"model = {base}"), seen(f"template = {template}"))
    if all(any(row in each for each in trained) for row in _ROWS):
        return passed("The rows of the marks are trained as well.", *proof)
    return warned(
        "The marks of the template are untrained in this base, and the adapter leaves them so.",
        *proof,
        seen("neither embed_tokens nor lm_head is trained"),
        remedy="Tune the Instruct model, or say template: default, or additional_target: "
        "embed_tokens,lm_head.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, model: str, template: str, engine: str = "llama-factory", **said: Any
    ) -> Example:
        intent = tuning(
            engine=engine, model=model, chat_template=template, **{**adapter("q_proj"), **said}
        )
        return Example(outcome=outcome, snapshot=world(folder()), intent=intent)

    yield of(Outcome.WARN, "meta-llama/Meta-Llama-3-8B", "llama3")
    yield of(Outcome.SKIP, "meta-llama/Meta-Llama-3-8B", "default")
    yield of(Outcome.SKIP, "meta-llama/Meta-Llama-3-8B-Instruct", "llama3")
    yield of(Outcome.SKIP, "meta-llama/Meta-Llama-3-8B", "llama3", method="full")
    whole = adapter("q_proj", modules_to_save=("embed_tokens", "lm_head"))
    yield of(Outcome.PASS, "meta-llama/Llama-3.1-8B", "llama3", **whole)
    yield of(Outcome.SKIP, "meta-llama/Meta-Llama-3-8B", "llama3", "trl")
