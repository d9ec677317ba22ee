"""Flash attention computes in float16 or bfloat16, and is not asked for in float32.

Why: the kernels of flash-attention exist for the two half types alone. A model in float32 loads
with a warning, and its first step ends in "FlashAttention only support fp16 and bf16 data type".
transformers before version 5 loads float32 where no type is named, whatever the files hold.

Fix: name the type beside the attention: dtype="bfloat16" (torch_dtype before 4.56), or take
attn_implementation="sdpa".
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    installed_release,
    version_of,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import (
    sizes_of,
)
from firstmile.check.precision import number_type
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/dtype-mismatch",
    cause="computation/numerical-precision",
    references=("https://huggingface.co/docs/transformers/attention_interface",),
)
_ENGINES: Final = (None, "transformers", "accelerate")
_ASKED: Final = ("flash_attention_2", "flash_attention_3", "fa2", "fa3")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Find the type that is loaded where flash attention is asked for."""
    if intent.engine not in _ENGINES or intent.attention not in _ASKED:
        return does_not_apply("the command asks for no flash attention of transformers")
    if intent.trains:
        return does_not_apply("training computes in mixed precision")
    if intent.action is None and intent.script is not None:
        return not_known("what the script computes")
    quote = seen(f"attention = {intent.attention}")
    kind = number_type(intent.dtype)
    if kind is not None:
        proof = (quote, seen(f"dtype = {intent.dtype}"))
        if kind == "float32":
            return failed(
                "Flash attention does not compute in float32.",
                *proof,
                remedy='Set dtype="bfloat16", or attn_implementation="sdpa".',
            )
        return passed(f"Flash attention computes in {kind}.", *proof)
    if intent.load_in_bits:
        return does_not_apply("quantized weights are multiplied in a half type")
    sizes = sizes_of(snapshot)
    version = version_of(snapshot, "transformers")
    release = installed_release(snapshot, "transformers")
    if release is None and intent.dtype != "auto":
        return not_known("the version of transformers, which decides the type that is loaded")
    if intent.dtype != "auto" and release is not None and release < (5, 0):
        return failed(
            f"No type is named, so that transformers {version} loads float32, in which flash "
            "attention does not compute.",
            quote,
            seen(f"transformers {version} is installed, no dtype in the command"),
            remedy='Set torch_dtype="auto" or "bfloat16".',
        )
    if sizes is None or sizes.dtype is None:
        return not_known("the type of the files")
    stored = stated("config.json", "torch_dtype", sizes.dtype)
    if number_type(sizes.dtype) == "float32":
        return failed(
            "The files are in float32, in which flash attention does not compute.",
            quote,
            stored,
            remedy='Set dtype="bfloat16", or attn_implementation="sdpa".',
        )
    return passed(f"Flash attention computes in {sizes.dtype}.", quote, stored)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(version: str, kept: str = "bfloat16") -> Snapshot:
        return world(
            folder(config={**LLAMA, "torch_dtype": kept}),
            machine(gpus=[gpu()], packages={"transformers": version}),
        )

    asked = Intent(action=Action.GENERATE, engine="transformers", attention="flash_attention_2")
    full = replace(asked, dtype="float32")
    yield Example(outcome=Outcome.FAIL, snapshot=there("5.2.0"), intent=full, says="float32")
    yield Example(outcome=Outcome.FAIL, snapshot=there("4.46.3"), intent=asked, says="No type")
    yield Example(outcome=Outcome.PASS, snapshot=there("5.2.0"), intent=asked)
    yield Example(outcome=Outcome.FAIL, snapshot=there("5.2.0", "float32"), intent=asked)
    auto = replace(asked, dtype="auto")
    yield Example(outcome=Outcome.PASS, snapshot=there("4.46.3"), intent=auto)
    half = replace(asked, dtype="bf16")
    yield Example(outcome=Outcome.PASS, snapshot=there("4.46.3"), intent=half)
    sdpa = replace(full, attention="sdpa")
    yield Example(outcome=Outcome.SKIP, snapshot=there("4.46.3"), intent=sdpa)
    train = replace(asked, action=Action.FINE_TUNE)
    yield Example(outcome=Outcome.SKIP, snapshot=there("4.46.3"), intent=train)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
