"""A part of Meta's checkpoint, with its keys and values, fits on the GPU of its process.

Why: Meta's example scripts build the whole part in 16 bits on one GPU, and beside it keys and
values for max_batch_size texts of max_seq_len tokens at once. They spread nothing further and leave
nothing in main memory: Llama 2 7B takes 13 GB, and ends with "CUDA out of memory" on a card of 12.

Fix: where the cache is what is too much, lower --max_batch_size and --max_seq_len; where it is the
part, take the model in transformers' form, in 4 bits or with device_map="auto", or a GGUF file.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.installed import named
from firstmile.check.intent import Action, Intent
from firstmile.check.meta_checkpoints import (
    ENGINE,
    LENGTH,
    batch_of,
    cache_bytes,
    checkpoint,
    parts_of,
    working_bytes,
)
from firstmile.check.ranks import visible_gpus
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
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="hardware/gpu-memory",
    entries=("weights-do-not-fit-on-the-gpu-while-loading",),
    references=("https://github.com/meta-llama/llama/blob/main/llama/generation.py",),
)
_BESIDE: Final = int(0.5 * 1024**3)
"""What CUDA and torch take on a device at the least."""
_WORKING: Final = int(1.5 * 1024**3)
"""With a text in work, and what loading leaves unused between pieces."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the largest part and its cache with the smallest GPU."""
    if intent.engine != ENGINE:
        return does_not_apply("no script of Meta's is started")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    parts = parts_of(model)
    params = model.document("params.json")
    if not parts or params is None:
        return not_known("the parts of the checkpoint, and its params.json")
    gpus = visible_gpus(snapshot, intent)
    if not gpus:
        return not_known("the machine's GPUs")
    smallest = min(gpus, key=lambda one: one.memory_total_bytes or 0)
    if not smallest.memory_total_bytes:
        return not_known("the memory of the GPUs")
    largest = max(parts, key=lambda one: one.size_bytes)
    batch, length = batch_of(intent), intent.context or LENGTH
    cache = cache_bytes(params, len(parts), batch=batch, length=length)
    if cache is None:
        return not_known("the sizes of the model")
    needed, there = largest.size_bytes + cache, smallest.memory_total_bytes
    proof = (
        seen(f"{shown(largest.size_bytes)}", file=largest.path),
        stated("params.json", "dim, n_layers", [params.get("dim"), params.get("n_layers")]),
        seen(f"{shown(cache)} for {counted(batch, 'text')} of {length} tokens"),
        seen(f"{named(smallest)}, {shown(there)}"),
    )
    remedy = "Take the model in transformers' form, in 4 bits, or a GGUF file."
    if largest.size_bytes + _BESIDE <= 0.9 * there and needed + _BESIDE > there:
        remedy = "Lower --max_batch_size and --max_seq_len."
    if needed + _BESIDE > there:
        return failed(
            f"A part takes {shown(needed)} with its cache, and the GPU has {shown(there)}.",
            *proof,
            remedy=remedy,
        )
    working = working_bytes(params, len(parts), batch=batch, length=length)
    if needed + max(_WORKING, _BESIDE + working) > there:
        return warned(
            f"A part takes {shown(needed)} with its cache, which leaves little of {shown(there)}.",
            *proof,
            remedy="Lower --max_batch_size and --max_seq_len.",
        )
    return passed("A part fits on its GPU, with its cache.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, gib: float, *, says: str = "", size: int | None = None, **more: Any
    ) -> Example:
        there = machine(gpus=[gpu("a card", gib)])
        model = checkpoint() if size is None else checkpoint(size=size)
        intent = Intent(action=Action.GENERATE, engine=ENGINE, **more)
        return Example(outcome=outcome, snapshot=world(model, there), intent=intent, says=says)

    yield of(Outcome.FAIL, 11.75, sequences=4, context=128)
    yield of(Outcome.PASS, 23.6, sequences=4, context=512)
    yield of(Outcome.FAIL, 14.7, sequences=32, context=1024, says="A part takes")
    yield of(Outcome.WARN, 14.7, sequences=4, context=512)
    yield of(Outcome.PASS, 14.7, sequences=1, context=512)
    yield of(Outcome.FAIL, 14.56, script="llama/example.py", says="A part takes 20.6")
    yield of(Outcome.WARN, 24, script="llama/example.py")
    unlike = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=world(checkpoint()), intent=unlike)
    asked = Intent(engine=ENGINE)
    yield Example(outcome=Outcome.SKIP, snapshot=world(checkpoint()), intent=asked, says="GPUs")
