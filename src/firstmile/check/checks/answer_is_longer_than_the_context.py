"""The answer that is asked for leaves room for the prompt in the context.

Why: prompt and answer share the context. llama.cpp ends an answer where it is full; transformers
goes on past the positions that the model has learnt: with positions that are looked up, as in
GPT-2, it ends in "index out of range in self" or a device-side assert, with RoPE the text falls
apart.

Fix: ask for fewer new tokens, or a longer context.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent, Sampling
from firstmile.check.model_sizes import (
    sizes_of,
)
from firstmile.check.rope import stretched
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/incomplete",
    cause="configuration/inference",
    stage="inference",
    entries=("answer-breaks-off-at-the-length-limit", "text-beyond-the-trained-length-falls-apart"),
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)
_LOOKED_UP: Final = ("gpt2", "opt", "gpt_bigcode", "gpt_neo", "biogpt")
"""Models whose positions are rows of a table."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the new tokens against the context, or else the positions."""
    asked = intent.sampling.max_new_tokens
    if asked is None:
        return does_not_apply("the command names no length of the answer")
    if intent.engine not in (None, "transformers", "llama.cpp", "ollama"):
        return does_not_apply("the engine cuts the answer to what the context leaves")
    sizes = sizes_of(snapshot)
    most = stretched(sizes, intent.rope_scaling) if sizes else None
    context = intent.context or most
    if context is None:
        return not_known("the context: neither the command nor the model states it")
    proof = (seen(f"max_new_tokens = {asked:,}"), seen(f"context = {context:,}"))
    if asked < context:
        return passed(f"{asked:,} new tokens leave room for a prompt.", *proof)
    remedy = f"Ask for fewer than {context:,} new tokens."
    if intent.engine in (None, "transformers") and sizes and sizes.model_type in _LOOKED_UP:
        return failed(
            f"After {context:,} tokens the model has no more positions: it stops with an error.",
            *proof,
            stated("config.json", "model_type", sizes.model_type),
            remedy=remedy,
        )
    return warned(
        f"{asked:,} new tokens leave no room for a prompt in a context of {context:,}.",
        *proof,
        remedy=remedy,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def run(tokens: int, engine: str = "transformers", context: int | None = None) -> Intent:
        return Intent(engine=engine, context=context, sampling=Sampling(max_new_tokens=tokens))

    gpt2 = world(folder(config={"model_type": "gpt2", "n_positions": 1024}))
    yield Example(outcome=Outcome.FAIL, snapshot=gpt2, intent=run(1024), says="no more positions")
    yield Example(outcome=Outcome.PASS, snapshot=gpt2, intent=run(512))
    llama = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.WARN, snapshot=llama, intent=run(8192))
    yield Example(outcome=Outcome.WARN, snapshot=llama, intent=run(4096, "llama.cpp", 4096))
    yield Example(outcome=Outcome.PASS, snapshot=llama, intent=run(1024, "llama.cpp", 4096))
    yield Example(outcome=Outcome.SKIP, snapshot=llama, intent=run(8192, "vllm"))
    yield Example(outcome=Outcome.SKIP, snapshot=llama, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run(10), says="not known")
