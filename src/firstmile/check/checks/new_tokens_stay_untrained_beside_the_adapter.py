"""Rows of new tokens are trained along with the adapter.

Why: a new token begins with a row of its own in the embedding, made at random or as an average.
LoRA freezes the embedding, so that row never changes: the model cannot learn to read the token or
to write it. axolotl refuses some of it ("Please set lora_modules_to_save"); LLaMA-Factory and TRL
train the rows themselves.

Fix: set lora_modules_to_save to embed_tokens and lm_head, or trainable_token_indices of PEFT.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting",),
)
_SETTINGS: Final = ("tokens", "add_tokens", "new_tokens", "additional_special_tokens")
_ROWS: Final = ("embed", "wte", "lm_head", "word_embeddings", "output_layer")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for new tokens, and for their rows among what is trained."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.method not in ("lora", "qlora") and training.lora is None:
        return does_not_apply("no adapter is trained")
    if intent.engine in ("llama-factory", "trl"):
        return does_not_apply("this program trains the rows of tokens that it adds")
    get = settings_of(intent)
    tokens: list[str] = []
    for name in _SETTINGS:
        tokens += get.texts(name)
    special = get.tree("special_tokens") or {}
    listed = special.get("additional_special_tokens")
    tokens += [str(each) for each in listed] if isinstance(listed, list) else []
    known = snapshot.model.tokenizer if snapshot.model else None
    new = [each for each in tokens if known is None or known.id_of(each) is None]
    if not new:
        return does_not_apply("the command adds no tokens")
    saved = training.lora.modules_to_save if training.lora else ()
    proof = seen(f"new tokens: {', '.join(new[:5])}")
    if any(part in each for each in saved for part in _ROWS):
        return passed("The rows of new tokens are trained.", proof)
    return warned(
        "New tokens are added, and nothing trains their rows beside the adapter.",
        proof,
        seen(f"lora_modules_to_save = {', '.join(saved) or 'nothing'}"),
        remedy="Set lora_modules_to_save to embed_tokens and lm_head.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, settings: Any, *saved: str, engine: str = "axolotl") -> Example:
        said = adapter("q_proj", modules_to_save=saved)
        intent = tuning(engine=engine, settings=settings, **said)
        return Example(outcome=outcome, snapshot=world(folder()), intent=intent)

    tokens = {"tokens": ["<|begin_of_plan|>", "<|end_of_plan|>"]}
    yield of(Outcome.WARN, tokens)
    yield of(Outcome.WARN, {"special_tokens": {"additional_special_tokens": ["<|x|>"]}})
    yield of(Outcome.PASS, tokens, "embed_tokens", "lm_head")
    yield of(Outcome.SKIP, tokens, engine="llama-factory")
    yield of(Outcome.SKIP, {"special_tokens": {"pad_token": "<pad>"}})
    full = tuning(engine="axolotl", method="full", settings=tokens)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=full)
