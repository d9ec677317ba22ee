"""Attention heads are a multiple of the tensor parallel size.

Why: tensor parallelism gives every rank the same number of attention heads. Engines refuse a
size that does not divide them. Key and value heads may be fewer than ranks: then they are
copied, but a number of them that neither divides nor is divided by the size is refused.

Fix: take a size that divides the heads, and spread over more devices by pipeline parallelism.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent, Parallel
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
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="distributed/model-parallelism",
    entries=("attention-heads-do-not-divide-by-tensor-parallel-size",),
    references=("https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide heads, and key and value heads, by the size."""
    size = intent.parallel.tensor
    if size is None or size <= 1:
        return does_not_apply("the command asks for no tensor parallelism")
    if snapshot.model is None or snapshot.model.config is None:
        return not_known("the config of the model")
    sizes = read_architecture(snapshot.model.config)
    if sizes.heads is None:
        return not_known("the number of attention heads, which the config does not state")
    asked = seen(f"tensor parallel size = {size}")
    heads = stated("config.json", "num_attention_heads", sizes.heads)
    fits = ", ".join(str(each) for each in fitting(sizes.heads, sizes.kv_heads))
    remedy = f"Take one of the sizes that fit: {fits}."
    if sizes.heads % size:
        return failed(
            f"{sizes.heads} attention heads do not divide by {size}.", asked, heads, remedy=remedy
        )
    shared = sizes.kv_heads
    if shared and sizes.latent is None and shared % size and size % shared:
        return failed(
            f"{shared} key and value heads cannot be spread over {size} ranks.",
            asked,
            stated("config.json", "num_key_value_heads", shared),
            remedy=remedy,
        )
    return passed(f"{sizes.heads} attention heads divide by {size}.", asked, heads)


def fitting(heads: int, kv_heads: int | None, most: int = 16) -> tuple[int, ...]:
    """Return the sizes up to a limit over which heads can be spread."""
    return tuple(
        size
        for size in range(1, most + 1)
        if heads % size == 0 and (not kv_heads or kv_heads % size == 0 or size % kv_heads == 0)
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = world(folder(config=LLAMA))

    def over(size: int) -> Intent:
        return Intent(parallel=Parallel(tensor=size))

    yield Example(outcome=Outcome.PASS, snapshot=model, intent=over(4))
    yield Example(outcome=Outcome.FAIL, snapshot=model, intent=over(3), says="do not divide by 3")
    narrow = world(folder(config={**LLAMA, "num_key_value_heads": 6, "num_attention_heads": 48}))
    yield Example(outcome=Outcome.FAIL, snapshot=narrow, intent=over(4), says="6 key and value")
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(2), says="not known")
