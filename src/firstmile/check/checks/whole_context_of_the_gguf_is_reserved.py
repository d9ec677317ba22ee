"""llama.cpp is told how long a context it needs, where the model's whole one takes much memory.

Why: without -c, llama.cpp makes room for the context that the model was trained with, before the
first token: 16 GiB for Llama 3.1's 131,072, 43 GB for DeepSeek-V2-Lite's 163,840. The program runs
out of memory, or the system ends it, for a question of ten words. Releases from the end of 2025 on
shorten the context to what fits.

Fix: name what is needed: -c 4096, or 8192.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.gguf_files import GgufModel, meant
from firstmile.check.intent import Intent
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
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
        "https://github.com/ggml-org/llama.cpp/blob/master/src/llama-kv-cache.cpp",
    ),
)
_MUCH: Final = 8 * GIB
"""Of memory that is asked for only in case."""
_TWO: Final = 2
"""Bytes of a number in the cache, unless the command says otherwise."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compute the cache of the whole context, where the command names none."""
    if intent.engine != "llama.cpp":
        return does_not_apply("the engine is not llama.cpp")
    if intent.context:
        return does_not_apply("the command names a context")
    if snapshot.model is None:
        return not_known("the model's file")
    found = meant(snapshot.model, intent)
    if isinstance(found, str):
        return not_known(found)
    context = found.number("context_length")
    if context is None:
        return not_known("the context of the model")
    if found.number("attention.sliding_window"):
        return does_not_apply("most layers keep a window of the context alone")
    cache = _cache(found, context)
    if cache is None:
        return not_known("the sizes of the model's keys and values")
    if intent.kv_cache_dtype not in (None, "f16", "bf16"):
        return does_not_apply("the command keeps keys and values in fewer bits")
    asked = intent.context == 0
    proof = (
        stated(found.parts[0].path, "context_length", context),
        seen(f"keys and values of it: {shown(cache)}"),
        seen(f"the command {'asks for all of it (-c 0)' if asked else 'names no context (-c)'}"),
    )
    if cache < _MUCH:
        return passed("The whole context takes little memory.", *proof)
    return warned(
        f"{'With -c 0' if asked else 'Without -c'} the whole context is reserved: "
        f"{shown(cache)} for keys and values.",
        *proof,
        remedy=f"{'Set' if asked else 'Add'} -c 8192, or what prompts and answers need.",
    )


def _cache(model: GgufModel, context: int) -> int | None:
    """Return the bytes of keys and values, by the sizes that the header states."""
    layers, heads = model.number("block_count"), model.number("attention.head_count")
    kept = model.number("attention.head_count_kv") or heads
    width = model.number("embedding_length")
    if layers is None or heads is None or kept is None or width is None or heads <= 0:
        return None
    key = model.number("attention.key_length") or width // heads
    value = model.number("attention.value_length") or width // heads
    return context * layers * kept * (key + value) * _TWO


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, length: int, says: str = "", window: int = 0, **said: Any) -> Example:
        name = "llama"
        sizes = {
            "context_length": length,
            "block_count": 32,
            "embedding_length": 4096,
            "attention.head_count": 32,
            "attention.head_count_kv": 8,
            **({"attention.sliding_window": window} if window else {}),
        }
        metadata = {
            "general.architecture": name,
            "tokenizer.ggml.model": "gpt2",
            **{f"{name}.{key}": value for key, value in sizes.items()},
        }
        made = Gguf(
            path="m.gguf",
            size_bytes=9000,
            version=3,
            metadata=metadata,
            tensors=(Tensor("output_norm.weight", "F32", (32,), 0, 128),),
            data_start=99,
        )
        model = folder(kind="gguf", ggufs=(made,))
        intent = Intent(**{"engine": "llama.cpp", "model": "m.gguf", **said})
        return Example(outcome=outcome, snapshot=world(model), intent=intent, says=says)

    yield of(Outcome.WARN, 131072, says="16.0 GiB")
    yield of(Outcome.WARN, 131072, context=0, says="With -c 0")
    yield of(Outcome.PASS, 8192)
    yield of(Outcome.SKIP, 131072, context=4096)
    yield of(Outcome.SKIP, 131072, window=1024)
    yield of(Outcome.SKIP, 131072, engine="ollama")
    asked = Intent(engine="llama.cpp")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
