"""The padding token of the generation config is one id, not a list.

Why: `eos_token_id` may be a list of ids that end an answer, `pad_token_id` may not. Who copies the
one into the other gets a TypeError in transformers 4.46 and newer as soon as the model loads ("'<'
not supported between instances of 'list' and 'int'").

Fix: write one id as the padding token, mostly that of the tokenizer's own padding token.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    generation_config_of,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, stated
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/type-error",
    cause="corruption/config-file",
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the kind of value that stands there."""
    if intent.engine not in (None, "transformers", "trl", "accelerate", "axolotl", "llama-factory"):
        return does_not_apply("the engine pads nothing")
    config = generation_config_of(snapshot)
    if config is None:
        return not_known("the generation config of the model")
    value = config.get("pad_token_id")
    if value is None:
        return does_not_apply("the generation config names no padding token")
    quote = stated("generation_config.json", "pad_token_id", value)
    if isinstance(value, int) and not isinstance(value, bool):
        return passed("The padding token is one id.", quote)
    first = value[0] if isinstance(value, list) and value and isinstance(value[0], int) else None
    return failed(
        "The padding token of generation_config.json is no single id.",
        quote,
        remedy=f"Write pad_token_id: {first}." if first is not None else "Write a single id.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(**settings: Any) -> Snapshot:
        return world(folder(config=LLAMA, documents={"generation_config.json": settings}))

    yield Example(outcome=Outcome.FAIL, snapshot=of(pad_token_id=[5, 6]), says="no single id")
    yield Example(outcome=Outcome.FAIL, snapshot=of(pad_token_id=[]))
    yield Example(outcome=Outcome.PASS, snapshot=of(pad_token_id=5, eos_token_id=[5, 6]))
    yield Example(outcome=Outcome.SKIP, snapshot=of(eos_token_id=[5, 6]))
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of(pad_token_id=[5]), intent=vllm)
