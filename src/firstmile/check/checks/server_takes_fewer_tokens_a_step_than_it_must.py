"""One step of the server takes a whole prompt, or prompts are taken in chunks.

Why: `--max-num-batched-tokens` is what vLLM computes in one step. With chunked prefill a long
prompt takes several steps; without it (switched off, or a model with an encoder) vLLM refuses
to start: "max_num_batched_tokens (2048) is smaller than max_model_len (8192)". It refuses as well
where a step holds fewer tokens than sequences are answered at once.

Fix: leave chunked prefill on, or raise --max-num-batched-tokens to the context.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent
from firstmile.check.model_sizes import (
    denied,
    sizes_of,
)
from firstmile.check.rope import stretched
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    references=("https://github.com/vllm-project/vllm/blob/main/vllm/config/scheduler.py",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the tokens of a step with context and sequences."""
    step = intent.batched_tokens
    if intent.engine != "vllm" or step is None:
        return does_not_apply("the command sets no tokens of a step for vLLM")
    proof = seen(f"max_num_batched_tokens = {step:,}")
    if intent.sequences is not None and step < intent.sequences:
        return failed(
            f"A step of {step:,} tokens cannot hold {intent.sequences:,} sequences.",
            proof,
            seen(f"max_num_seqs = {intent.sequences:,}"),
            remedy=f"Set --max-num-batched-tokens to {intent.sequences} or more.",
        )
    sizes = sizes_of(snapshot)
    context = intent.context or (stretched(sizes, intent.rope_scaling) if sizes else None)
    if context is None:
        return not_known("the context: neither the command nor the model states it")
    length = seen(f"max_model_len = {context:,}")
    whole = denied(intent, "enable_chunked_prefill")
    if step >= context:
        return passed("A step holds a whole prompt.", proof, length)
    if whole:
        return failed(
            f"Without chunked prefill a step of {step:,} tokens cannot hold a prompt of "
            f"{context:,}.",
            proof,
            length,
            remedy=f"Leave --no-enable-chunked-prefill out, or set --max-num-batched-tokens to "
            f"{context}.",
        )
    return passed("Longer prompts are taken in chunks.", proof, length)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    off = Argument(written="--no-enable-chunked-prefill", name="enable_chunked_prefill", value=None)
    serve = Intent(engine="vllm", context=8192, batched_tokens=2048, arguments=(off,))
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=serve, says="Without chunked")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=replace(serve, arguments=()))
    yield Example(
        outcome=Outcome.PASS, snapshot=world(), intent=replace(serve, batched_tokens=8192)
    )
    many = Intent(engine="vllm", context=8192, batched_tokens=128, sequences=256)
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=many, says="256 sequences")
    by_itself = Intent(engine="vllm", batched_tokens=4096, arguments=(off,))
    model = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.FAIL, snapshot=model, intent=by_itself)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=by_itself, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
