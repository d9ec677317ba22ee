"""A model on the processor computes in bfloat16 or float32, not in float16.

Why: torch before 2.2 cannot multiply float16 on a processor: the first step ends in
"addmm_impl_cpu_" or "LayerNormKernelImpl" not implemented for 'Half'. Newer releases can, but on
most processors many times slower than float32, as they convert each number.

Fix: take dtype="bfloat16", or "float32" on an older processor, or move the model to a GPU.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    installed_release,
    version_of,
)
from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    sizes_of,
)
from firstmile.check.precision import number_type, on_processor
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/operation-restriction",
    cause="computation/numerical-precision",
    stage="inference",
    entries=("half-precision-operator-is-missing-on-the-cpu",),
    references=("https://github.com/huggingface/transformers/issues/27769",),
)
_ENGINES: Final = (None, "transformers", "trl", "accelerate")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for float16, asked for or stored, where nothing but the processor computes."""
    if intent.engine not in _ENGINES:
        return does_not_apply("the engine chooses the type for the processor itself")
    if snapshot.environment is None:
        return not_known("the machine")
    if not on_processor(snapshot, intent):
        return does_not_apply("the model does not run on the processor")
    sizes = sizes_of(snapshot)
    kept = sizes.dtype if sizes else None
    kind = number_type(intent.dtype)
    if kind is None and (intent.dtype == "auto" or _loads_the_stored_type(snapshot)):
        kind = number_type(kept)
    if kind is None:
        return does_not_apply("neither the command nor the config asks for float16")
    quote = (
        seen(f"dtype = {intent.dtype}")
        if intent.dtype not in (None, "auto")
        else stated("config.json", "torch_dtype", kept)
    )
    if kind != "float16":
        return passed(f"On the processor it computes in {kind}.", quote)
    torch, release = version_of(snapshot, "torch"), installed_release(snapshot, "torch")
    remedy = 'Load it with dtype="bfloat16", or "float32" on an older processor.'
    if torch is not None and release is not None and release < (2, 2):
        return failed(
            f"The installed torch {torch} cannot multiply float16 on the processor.",
            quote,
            seen(f"torch {torch} is installed"),
            remedy=remedy,
        )
    return warned("Float16 is slow on the processor.", quote, remedy=remedy)


def _loads_the_stored_type(snapshot: Snapshot) -> bool:
    """Say whether transformers loads the type of the files unasked, as it does from 5 on."""
    release = installed_release(snapshot, "transformers")
    return release is not None and release >= (5, 0)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(torch: str, transformers: str = "4.46.3") -> Environment:
        return machine(packages={"torch": torch, "transformers": transformers})

    half = folder(config={**LLAMA, "torch_dtype": "float16"})
    asked = Intent(engine="transformers", dtype="float16")
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(half, there("2.1.2")), intent=asked, says="2.1.2"
    )
    yield Example(outcome=Outcome.WARN, snapshot=world(half, there("2.5.1")), intent=asked)
    yield Example(
        outcome=Outcome.PASS,
        snapshot=world(half, there("2.1.2")),
        intent=replace(asked, dtype="float32"),
    )
    plain = Intent(engine="transformers")
    yield Example(outcome=Outcome.SKIP, snapshot=world(half, there("2.1.2")), intent=plain)
    newer = world(half, there("2.6.0", "5.2.0"))
    yield Example(outcome=Outcome.WARN, snapshot=newer, intent=plain, says="slow")
    gpus = machine(gpus=[gpu()], packages={"torch": "2.1.2"})
    yield Example(outcome=Outcome.SKIP, snapshot=world(half, gpus), intent=asked)
    told = replace(asked, device_map="cpu")
    yield Example(outcome=Outcome.FAIL, snapshot=world(half, gpus), intent=told)
    yield Example(outcome=Outcome.SKIP, snapshot=world(half), intent=asked, says="not known")
