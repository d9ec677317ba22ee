"""The context that is asked for lies within the positions that the model was trained on.

Why: a config states how many positions a model has learnt (`max_position_embeddings`), stretched
by its RoPE scaling where there is one. Engines refuse a longer context; those that are told to
take it answer well at first and fall apart beyond the limit, without an error.

Fix: ask for no more than the model has, or give it the RoPE scaling that its makers name for
longer contexts.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import Architecture, read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entries=(
        "text-beyond-the-trained-length-falls-apart",
        "prompt-is-longer-than-the-server-allows",
    ),
    references=("https://docs.vllm.ai/en/stable/configuration/engine_args.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the context against the positions, stretched by RoPE scaling."""
    if intent.context is None:
        return does_not_apply("the command asks for no context of its own")
    if snapshot.model is None or snapshot.model.config is None:
        return not_known("the config of the model")
    sizes = read_architecture(snapshot.model.config)
    if sizes.positions is None:
        return does_not_apply("the config states no number of positions")
    most = stretched(sizes, intent)
    proof = (
        seen(f"context = {intent.context:,}"),
        stated("config.json", "max_position_embeddings", sizes.positions),
    )
    if intent.context <= most:
        return passed(f"A context of {intent.context:,} is within the model's {most:,}.", *proof)
    return failed(
        f"A context of {intent.context:,} is longer than the {most:,} positions of the model.",
        *proof,
        remedy=f"Ask for a context of {most:,}, or less.",
    )


def stretched(sizes: Architecture, intent: Intent) -> int:
    """Return the positions that RoPE scaling leaves usable.

    Scalings of the kinds linear, dynamic and yarn state a factor over the original length; in
    those of Llama 3 and of LongRoPE the config's positions are stretched already.
    """
    positions = sizes.positions or 0
    rope = intent.rope_scaling or sizes.rope or {}
    kind = rope.get("rope_type", rope.get("type"))
    factor = rope.get("factor")
    if kind not in ("linear", "dynamic", "yarn") or not isinstance(factor, int | float):
        return positions
    original = rope.get("original_max_position_embeddings", positions)
    reach = int(original * factor) if isinstance(original, int) else positions
    return max(positions, reach)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.PASS, snapshot=model, intent=Intent(context=8192))
    yield Example(
        outcome=Outcome.FAIL, snapshot=model, intent=Intent(context=131072), says="131,072"
    )
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    long = folder(config={**LLAMA, "max_position_embeddings": 32768, "rope_scaling": yarn})
    yield Example(outcome=Outcome.PASS, snapshot=world(long), intent=Intent(context=131072))
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(), intent=Intent(context=10), says="not known"
    )
