"""Ollama is told how long texts may be.

Why: Ollama takes 4,096 tokens (2,048 before version 0.6) on machines with less than 24 GiB of GPU
memory, whatever the model can read, and cuts the beginning off longer prompts without an error:
answers ignore the system prompt, a document's first half, or the tools.

Fix: set OLLAMA_CONTEXT_LENGTH for the server, num_ctx in the Modelfile, or options.num_ctx in each
request.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import value_of
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import sizes_of, stated_in
from firstmile.check.ollama_elsewhere import elsewhere
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/not-following-instructions",
    cause="configuration/inference",
    stage="inference",
    entries=("ollama-cuts-long-prompts-without-an-error", "system-prompt-has-no-effect"),
    references=("https://github.com/ollama/ollama/blob/main/docs/context-length.mdx",),
)
_ENOUGH: Final = 24 * GIB
_SMALL: Final = 4096
_OFTEN: Final = 16384
"""A context that conversations with tools and documents often need."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a length that is set, and for the memory that the default goes by."""
    if intent.engine != "ollama":
        return does_not_apply("the engine is not Ollama")
    if (other := elsewhere(snapshot, intent)) is not None:
        return does_not_apply(other)
    if intent.context is not None:
        return passed("The context is set.", seen(f"context = {intent.context:,}"))
    outside = value_of(snapshot, intent, "OLLAMA_CONTEXT_LENGTH")
    if outside:
        return passed("The context is set.", seen(f"OLLAMA_CONTEXT_LENGTH = {outside}"))
    if snapshot.environment is None:
        return not_known("the memory of the GPUs, which the context goes by")
    known = [each.memory_total_bytes for each in snapshot.environment.gpus]
    total = sum(each for each in known if each is not None)
    memory = seen(f"memory of the GPUs = {total / GIB:.0f} GiB")
    if total >= _ENOUGH * 0.95:
        return passed("Ollama takes a context of 32,768 or more on this machine.", memory)
    sizes = sizes_of(snapshot)
    positions = sizes.positions if sizes is not None else None
    if positions is not None and positions <= _SMALL:
        return passed(
            f"Ollama takes a context of {_SMALL:,} on this machine, and the model reads no more.",
            memory,
            stated(stated_in(snapshot), "positions", positions),
        )
    return warned(
        f"Ollama takes a context of {_SMALL:,} on this machine, and cuts longer prompts silently.",
        memory,
        seen("neither OLLAMA_CONTEXT_LENGTH nor num_ctx is set"),
        remedy=f"Set OLLAMA_CONTEXT_LENGTH={min(positions or _OFTEN, _OFTEN)}, or what the prompts "
        "need.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    run = Intent(action=Action.GENERATE, engine="ollama", model="qwen3:8b")
    small = world(None, machine(gpus=[gpu("NVIDIA GeForce RTX 3060", 12, "8.6")]))
    yield Example(outcome=Outcome.WARN, snapshot=small, intent=run, says="4,096")
    yield Example(outcome=Outcome.WARN, snapshot=world(None, machine()), intent=run)
    yield Example(outcome=Outcome.PASS, snapshot=small, intent=replace(run, context=16384))
    short = folder(config={**LLAMA, "max_position_embeddings": 2048})
    within = world(short, machine())
    yield Example(outcome=Outcome.PASS, snapshot=within, intent=run, says="reads no more")
    middle = world(folder(config=LLAMA), machine())
    yield Example(outcome=Outcome.WARN, snapshot=middle, intent=run)
    told = world(None, machine(variables={"OLLAMA_CONTEXT_LENGTH": "8192"}))
    yield Example(outcome=Outcome.PASS, snapshot=told, intent=run)
    large = world(None, machine(gpus=[gpu("NVIDIA GeForce RTX 3090", 24, "8.6")]))
    yield Example(outcome=Outcome.PASS, snapshot=large, intent=run)
    cloud = replace(run, model="gpt-oss:120b-cloud")
    yield Example(outcome=Outcome.SKIP, snapshot=small, intent=cloud, says="cloud")
    yield Example(outcome=Outcome.SKIP, snapshot=small, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
