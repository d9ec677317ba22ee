"""The flash attention that is asked for is installed, on a GPU that it can run on.

Why: attn_implementation="flash_attention_2" needs the package flash-attn and a GPU of compute
capability 8.0 (Ampere) or newer; flash_attention_3 needs 9.0 (Hopper). Without the package
transformers ends in "FlashAttention2 has been toggled on, but it cannot be used"; on an older GPU
the first step ends in "FlashAttention only supports Ampere GPUs or newer". Newer releases of
transformers fetch a kernel from the Hub instead, when the package kernels is installed.
LLaMA-Factory says "FlashAttention-2 is not installed." and goes on without it.

Fix: ask for "sdpa", which torch has built in and which is nearly as fast, or install flash-attn.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import capability_of
from firstmile.check.installed import installed, named, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.precision import has_no_gpu
from firstmile.check.ranks import gpus_of
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
from firstmile.check.worlds import gpu, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("flash-attention-is-asked-for-but-not-installed",),
    references=(
        "https://huggingface.co/docs/transformers/attention_interface",
        "https://github.com/Dao-AILab/flash-attention#nvidia-cuda-support",
    ),
)
_ENGINES: Final = (None, "transformers", "trl", "accelerate", "deepspeed", "torchrun", "axolotl",
                   "llama-factory")  # fmt: skip
_PACKAGES: Final = {"flash_attention_2": "flash-attn", "flash_attention_3": "flash-attn-3"}
_OTHERWISE: Final = {
    "llama-factory": "Write flash_attn: sdpa",
    "axolotl": "Write sdp_attention: true and flash_attention: false",
}
"""How files of settings ask for the attention of torch itself."""
_OLDEST: Final = {"flash_attention_2": (8, 0), "flash_attention_3": (9, 0)}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for GPU and package of the attention that the command asks for."""
    asked = {"fa2": "flash_attention_2", "fa3": "flash_attention_3"}.get(
        intent.attention or "", intent.attention
    )
    if asked not in _PACKAGES or intent.engine not in _ENGINES:
        return does_not_apply("the command asks for no flash attention of the package flash-attn")
    python = python_of(snapshot)
    proof = seen(f"attention = {asked}")
    goes_on = intent.engine == "llama-factory"
    say = warned if goes_on else failed
    remedy = _OTHERWISE.get(intent.engine or "", 'Use attn_implementation="sdpa".')
    may_be_fetched = python is not None and python.package("kernels") is not None
    if has_no_gpu(snapshot) and not may_be_fetched:
        return say(
            f"The command asks for {asked}, which needs a GPU, and none was found.",
            proof,
            seen("no GPU was found"),
            remedy=remedy,
        )
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    gpus = gpus_of(snapshot, intent, "NVIDIA")
    for each in gpus:
        capability = capability_of(each.compute_capability)
        if capability is not None and capability < _OLDEST[asked]:
            least = ".".join(map(str, _OLDEST[asked]))
            return failed(
                f"{each.name} has compute capability {each.compute_capability}; "
                f"{asked} needs {least} or newer.",
                proof,
                seen(named(each)),
                remedy=remedy,
            )
    if asked == "flash_attention_3":
        return not_known("whether flash-attention 3 is installed, which brings no own name")
    transformers = python.package("transformers")
    package_there = python.package(_PACKAGES[asked])
    if package_there is not None:
        return passed(
            f"The installed {package_there.name} serves {asked}.", installed(package_there)
        )
    if transformers is None:
        return not_known("the installed transformers")
    kernels = python.package("kernels")
    if kernels is not None:
        return warned(
            "Without flash-attn newer releases of transformers fetch a kernel from the Hub.",
            proof,
            installed(transformers),
            installed(kernels),
            remedy='Without a network use attn_implementation="sdpa", or install flash-attn.',
        )
    return say(
        f"The command asks for {asked}, but flash-attn is not installed.",
        proof,
        installed(transformers),
        remedy=f"{remedy.rstrip('.')}, or pip install flash-attn --no-build-isolation",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        *packages: str,
        capability: str = "8.0",
        attention: str | None = "flash_attention_2",
        engine: str = "transformers",
        says: str = "",
    ) -> Example:
        gpus = [gpu(capability=capability)] if capability else []
        made = computer(*(package(*each.split("==")) for each in packages), gpus=gpus)
        asked = Intent(engine=engine, attention=attention)
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked, says=says)

    yield of(Outcome.PASS, "transformers==4.57.1", "flash-attn==2.7.3")
    yield of(Outcome.FAIL, "transformers==4.57.1")
    yield of(Outcome.FAIL, "transformers==5.2.0")
    yield of(Outcome.WARN, "transformers==5.2.0", "kernels==0.18.2")
    yield of(Outcome.FAIL, "transformers==4.57.1", "flash-attn==2.7.3", capability="7.5")
    yield of(Outcome.FAIL, "transformers==4.57.1", capability="8.9", attention="flash_attention_3")
    yield of(Outcome.FAIL, capability="", says="none was found")
    yield of(Outcome.FAIL, "transformers==4.57.1", "flash-attn==2.7.3", capability="")
    yield of(Outcome.WARN, capability="", attention="fa2", engine="llama-factory")
    yield of(Outcome.WARN, "transformers==4.57.1", attention="fa2", engine="llama-factory")
    yield of(Outcome.SKIP, says="not known")
    yield of(Outcome.SKIP, "transformers==4.57.1", attention="sdpa")
    yield of(Outcome.SKIP, "vllm==0.9.0", engine="vllm")
