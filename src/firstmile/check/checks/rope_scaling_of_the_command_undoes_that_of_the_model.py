"""A RoPE scaling that the command sets starts from the positions that the model has learnt.

Why: scaling recipes go round on the web ("yarn, factor 4, original 32768"). Set on a model that is
long by itself (Qwen3-2507 has learnt 262,144, Llama 3.1 brings its own scaling) they replace what
the model was trained with: it starts, and its answers lose their thread.

Fix: leave the scaling out where the model is long enough by itself, or name the positions that
this model has learnt.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    sizes_of,
    stated_in,
    unknown_config,
)
from firstmile.check.rope import plain_scaling
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
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
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entries=("text-beyond-the-trained-length-falls-apart",),
    references=("https://qwen.readthedocs.io/en/latest/deployment/vllm.html",),
)
_ALIKE: Final = 0.75
"""Qwen3 states 40,960 positions and has learnt 32,768: that share is its makers' own recipe."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the command's scaling with the model's own positions and scaling."""
    asked = plain_scaling(intent.rope_scaling)
    if asked is None or not asked.stretches:
        return does_not_apply("the command sets no RoPE scaling")
    sizes = sizes_of(snapshot)
    if sizes is None:
        return unknown_config()
    if sizes.positions is None:
        return not_known("the number of positions, which the config does not state")
    quote = seen(f"rope_scaling = {dict(asked.stated)}")
    positions = stated(stated_in(snapshot), "max_position_embeddings", sizes.positions)
    own = plain_scaling(sizes.rope)
    if own is not None and own.stretches and own.kind != asked.kind:
        return warned(
            f"The command puts {asked.kind} scaling in place of the model's own {own.kind}.",
            quote,
            stated("config.json", "rope_scaling", dict(own.stated)),
            remedy="Leave the scaling out of the command.",
        )
    if (
        asked.original is not None
        and asked.original < _ALIKE * sizes.positions
        and (own is None or not own.stretches)
    ):
        return warned(
            f"The scaling starts from {asked.original:,} positions; the model has learnt "
            f"{sizes.positions:,}.",
            quote,
            positions,
            remedy=f"Leave it out up to {sizes.positions:,} tokens, or set "
            f"original_max_position_embeddings to {sizes.positions}.",
        )
    return passed("The command's scaling starts from what the model has learnt.", quote, positions)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(positions: int, rope: Mapping[str, Any] | None = None) -> Snapshot:
        made = {**LLAMA, "max_position_embeddings": positions}
        return world(folder(config={**made, "rope_scaling": rope} if rope else made))

    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    asked = Intent(engine="vllm", rope_scaling=yarn)
    yield Example(outcome=Outcome.WARN, snapshot=of(262144), intent=asked, says="262,144")
    yield Example(outcome=Outcome.PASS, snapshot=of(40960), intent=asked)
    yield Example(outcome=Outcome.PASS, snapshot=of(32768), intent=asked)
    llama = {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192}
    yield Example(outcome=Outcome.WARN, snapshot=of(131072, llama), intent=asked, says="own llama3")
    yield Example(outcome=Outcome.PASS, snapshot=of(131072, yarn), intent=asked)
    yield Example(outcome=Outcome.SKIP, snapshot=of(262144), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
