"""Attention heads are a multiple of the tensor parallel size.

Why: tensor parallelism gives every rank the same number of attention heads. vLLM refuses a size
that does not divide them ("Total number of attention heads (28) must be divisible by tensor
parallel size (8)"). Key and value heads may be fewer than ranks: then they are copied, but a
number of them that neither divides nor is divided by the size is refused.

Fix: take a size that divides the heads, and spread over more devices by pipeline parallelism.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.model_sizes import (
    config_of,
    unknown_config,
    written,
)
from firstmile.check.ranks import count_of_visible, nearest, parts_of_heads
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

_MOST: Final = 16
"""The largest size that is proposed."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide heads, and key and value heads, by the ranks that share them."""
    size = _sharing(intent)
    if size <= 1:
        return does_not_apply("the command asks for no tensor parallelism")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    sizes = read_architecture(config)
    if sizes.heads is None:
        return not_known("the number of attention heads, which the config does not state")
    asked = seen(f"tensor parallel size = {intent.parallel.tensor}")
    heads = stated("config.json", "num_attention_heads", sizes.heads)
    kv_heads = sizes.kv_heads if sizes.latent is None else None
    remedy = _remedy(snapshot, intent, sizes.heads, kv_heads)
    if sizes.heads % size:
        return failed(
            f"{sizes.heads} attention heads do not divide by {size}.", asked, heads, remedy=remedy
        )
    if kv_heads and kv_heads % size and size % kv_heads:
        return failed(
            f"{kv_heads} key and value heads cannot be spread over {size} ranks.",
            asked,
            stated("config.json", "num_key_value_heads", kv_heads),
            remedy=remedy,
        )
    return passed(f"{sizes.heads} attention heads divide by {size}.", asked, heads)


def _sharing(intent: Intent) -> int:
    """Return the ranks that share the heads: in SGLang data parallel attention parts them."""
    size = intent.parallel.tensor or 1
    parted = written(intent, "enable_dp_attention") is not None
    return size // max(intent.parallel.data or 1, 1) if parted else size


def _remedy(snapshot: Snapshot, intent: Intent, heads: int, kv_heads: int | None) -> str:
    """Name the nearest size that divides and that devices are there for, as far as is known."""
    asked, size = intent.parallel.tensor or 1, _sharing(intent)
    there = count_of_visible(snapshot, intent) or max(asked, _MOST)
    beside = asked // size
    fits = nearest(parts_of_heads(heads, kv_heads, max(min(there // beside, _MOST), 1)), size)
    said = f"Set --tensor-parallel-size {fits * beside}"
    stages = size // fits
    if beside == 1 and 1 < fits < size and size % fits == 0 and size <= there:
        return f"{said}, and --pipeline-parallel-size {stages} to use all {size} devices."
    return f"{said}."


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = world(folder(config=LLAMA))

    def over(size: int) -> Intent:
        return Intent(parallel=Parallel(tensor=size))

    yield Example(outcome=Outcome.PASS, snapshot=model, intent=over(4))
    yield Example(outcome=Outcome.FAIL, snapshot=model, intent=over(3), says="do not divide by 3")
    qwen = {**LLAMA, "num_attention_heads": 28, "num_key_value_heads": 4}
    yield Example(outcome=Outcome.FAIL, snapshot=world(folder(config=qwen)), intent=over(8))
    yield Example(outcome=Outcome.PASS, snapshot=world(folder(config=qwen)), intent=over(4))
    narrow = world(folder(config={**LLAMA, "num_key_value_heads": 6, "num_attention_heads": 48}))
    yield Example(outcome=Outcome.FAIL, snapshot=narrow, intent=over(4), says="6 key and value")
    shared = world(folder(config={**LLAMA, "num_key_value_heads": 2}))
    yield Example(outcome=Outcome.PASS, snapshot=shared, intent=over(8))
    said = Argument(written="--enable-dp-attention", name="enable_dp_attention", value=None)
    parted = Intent(engine="sglang", arguments=(said,), parallel=Parallel(tensor=8, data=8))
    yield Example(outcome=Outcome.SKIP, snapshot=model, intent=parted, says="no tensor")
    adapter = world(folder(kind="adapter"), base=folder(config=LLAMA))
    yield Example(outcome=Outcome.FAIL, snapshot=adapter, intent=over(3))
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(2), says="not known")
