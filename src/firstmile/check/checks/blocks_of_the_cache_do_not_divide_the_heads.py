"""A quantized cache of llama.cpp has blocks that divide the width of a head.

Why: q8_0, q4_0 and their kin store 32 numbers in a block, and a head of keys or values is a whole
number of blocks. Heads of 80 numbers, as some small models have, are refused with flash attention:
"V cache type q8_0 with block size 32 does not divide n_embd_head_v=80".

Fix: leave the cache in f16 for this model.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent
from firstmile.check.model_sizes import (
    sizes_of,
    stated_in,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    stage="inference",
    references=("https://github.com/ggml-org/llama.cpp/blob/master/src/llama-context.cpp",),
)
_BLOCK: Final = 32
_BLOCKED: Final = ("q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide the width of a head by the block."""
    if intent.engine != "llama.cpp":
        return does_not_apply("the engine is not llama.cpp")
    kinds = {
        (written(intent, name) or intent.variables.get(variable, "")).lower()
        for name, variable in (
            ("cache_type_k", "LLAMA_ARG_CACHE_TYPE_K"),
            ("cache_type_v", "LLAMA_ARG_CACHE_TYPE_V"),
        )
    }
    blocked = sorted(kinds & set(_BLOCKED))
    if not blocked or intent.attention == "off":
        return does_not_apply("the command keeps no quantized cache with flash attention")
    sizes = sizes_of(snapshot)
    if sizes is None or sizes.head_width is None:
        return not_known("the width of a head")
    if sizes.latent is not None:
        return does_not_apply("the model keeps latent vectors, not heads")
    width = sizes.head_width
    proof = (
        seen(f"type of the cache = {' and '.join(blocked)}"),
        seen(f"width of a head = {width}", file=stated_in(snapshot)),
    )
    if width % _BLOCK:
        return failed(
            f"A head of {width} numbers is no whole number of blocks of {_BLOCK}.",
            *proof,
            remedy="Leave -ctk and -ctv out.",
        )
    return passed(f"A head of {width} numbers is {width // _BLOCK} blocks.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(width: int) -> Snapshot:
        header = {
            "general.architecture": "phi2",
            "phi2.embedding_length": 32 * width,
            "phi2.attention.head_count": 32,
            "phi2.block_count": 32,
        }
        gguf = Gguf(
            path="m.gguf", size_bytes=9, version=3, metadata=header, tensors=(), data_start=9
        )
        return world(folder(kind="gguf", ggufs=(gguf,)))

    def keep(kind: str) -> Intent:
        said = Argument(written="-ctk", name="cache_type_k", value=kind)
        return Intent(engine="llama.cpp", arguments=(said,))

    yield Example(outcome=Outcome.FAIL, snapshot=of(80), intent=keep("q8_0"), says="80 numbers")
    yield Example(outcome=Outcome.PASS, snapshot=of(128), intent=keep("q8_0"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(80), intent=keep("f16"))
    off = replace(keep("q8_0"), attention="off")
    yield Example(outcome=Outcome.SKIP, snapshot=of(80), intent=off)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=keep("q4_0"), says="not known")
