"""Each slot of llama-server holds as long a text as is needed.

Why: -c is the context of all slots together: -c 8192 -np 4 leaves 2,048 tokens to each request.
A prompt that is longer gets "the request exceeds the available context size", and an answer ends
where its slot is full. With --kv-unified slots share the whole.

Fix: multiply -c by the slots, lower -np, or add --kv-unified.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Argument, Intent, Sampling
from firstmile.check.model_sizes import (
    denied,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/incomplete",
    cause="configuration/inference",
    stage="inference",
    entries=("prompt-is-longer-than-the-context-of-llama-cpp",),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",),
)
_LEAST: Final = 4096


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide the context by the slots."""
    slots = intent.sequences or 1
    if intent.engine != "llama.cpp" or not intent.serves or slots <= 1:
        return does_not_apply("the command starts no llama-server of several slots")
    if intent.context is None:
        return not_known("the context, which the command does not set")
    proof = (seen(f"-c {intent.context}"), seen(f"-np {slots}"))
    if written(intent, "kv_unified") is not None and not denied(intent, "kv_unified"):
        return passed("The slots share the whole context.", *proof, seen("--kv-unified is set"))
    each = intent.context // slots
    asked = intent.sampling.max_new_tokens or 0
    if each >= max(_LEAST, asked + 1):
        return passed(f"Each of {slots} slots holds {each:,} tokens.", *proof)
    right = max(_LEAST, asked + _LEAST) * slots
    return warned(
        f"Each of {slots} slots holds {each:,} tokens, prompt and answer together.",
        *proof,
        remedy=f"Set -c {right} for {right // slots:,} tokens each, or add --kv-unified.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    serve = Intent(action=Action.SERVE, engine="llama.cpp", context=8192, sequences=4)
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=serve, says="2,048")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=replace(serve, context=16384))
    unified = Argument(written="-kvu", name="kv_unified", value=None)
    yield Example(
        outcome=Outcome.PASS, snapshot=world(), intent=replace(serve, arguments=(unified,))
    )
    long = replace(serve, context=16384, sampling=Sampling(max_new_tokens=8192))
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=long)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=replace(serve, sequences=1))
    yield Example(
        outcome=Outcome.SKIP,
        snapshot=world(),
        intent=replace(serve, context=None),
        says="not known",
    )
