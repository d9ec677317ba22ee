"""A quantized cache of values comes with flash attention.

Why: llama.cpp's plain attention reads the values by columns, which a quantized cache cannot give:
with -ctv q8_0 -fa off it stops in "quantized V cache requires flash_attn to be enabled" ("V cache
quantization requires flash_attn" once). Ollama says "quantized kv cache requested but flash
attention disabled" in its log alone, and takes f16.

Fix: turn flash attention on (-fa on, OLLAMA_FLASH_ATTENTION=1), or keep the values in f16 and
quantize the keys alone (-ctk q8_0).
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
        "https://github.com/ollama/ollama/blob/main/docs/faq.mdx",
    ),
)
_PLAIN: Final = ("f16", "f32", "bf16", "fp16", "")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a quantized cache of values beside attention that is switched off."""
    if intent.engine == "ollama":
        kind = (intent.kv_cache_dtype or "").lower()
    elif intent.engine == "llama.cpp":
        kind = (written(intent, "cache_type_v") or "").lower()
        kind = kind or intent.variables.get("LLAMA_ARG_CACHE_TYPE_V", "").lower()
    else:
        return does_not_apply("the engine is neither llama.cpp nor Ollama")
    if kind in _PLAIN:
        return does_not_apply("the command keeps no quantized cache of values")
    proof = seen(f"type of the cache of values = {kind}")
    if intent.attention == "off":
        off = seen("flash attention is switched off in the command")
        if intent.engine == "ollama":
            return warned(
                f"Without flash attention Ollama keeps the cache in f16, not in {kind}.",
                proof,
                off,
                remedy="Set OLLAMA_FLASH_ATTENTION=1.",
            )
        return failed(
            f"A cache of values in {kind} needs flash attention, which is switched off.",
            proof,
            off,
            remedy="Set -fa on, or leave -ctv out.",
        )
    if intent.engine == "ollama" and intent.attention is None:
        return not_known("whether this Ollama turns flash attention on by itself")
    return passed("Flash attention is on, or left to the engine, which turns it on.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    said = Argument(written="-ctv", name="cache_type_v", value="q8_0")
    run = Intent(engine="llama.cpp", arguments=(said,), attention="off")
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=run, says="switched off")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=replace(run, attention="flash"))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=replace(run, attention=None))
    keys = Argument(written="-ctk", name="cache_type_k", value="q8_0")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=replace(run, arguments=(keys,)))
    plain = Argument(written="-ctv", name="cache_type_v", value="f16")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=replace(run, arguments=(plain,)))
    ollama = Intent(engine="ollama", kv_cache_dtype="q8_0", attention="off")
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=ollama, says="f16")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=replace(ollama, attention="flash"))
