"""The GPU is of a generation that the engine has kernels for.

Why: vLLM is built for compute capability 7.0 (Volta) and newer, SGLang for 7.5 (Turing). On a
P100, P40 or GTX 10 they end in "no kernel image is available for execution on the device" or
"SGLang only supports sm75 and above", after the weights have been loaded.

Fix: serve a GGUF of the model with llama.cpp, which runs on older cards, or take a newer GPU.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from firstmile.check.cuda_builds import Capability
from firstmile.check.installed import named
from firstmile.check.intent import Action, Intent
from firstmile.check.precision import dotted, nvidia_gpus, weakest
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/kernel",
    cause="environment/cuda-version",
    stage="inference",
    entries=("an-extension-has-no-kernel-for-this-gpu",),
    references=(
        "https://docs.vllm.ai/en/stable/getting_started/installation/gpu/",
        "https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/model_executor/model_runner.py",
    ),
)
_OLDEST: Final[Mapping[str, Capability]] = {"vllm": (7, 0), "sglang": (7, 5)}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the oldest GPU that is used against what the engine is built for."""
    least = _OLDEST.get(intent.engine or "")
    if least is None:
        return does_not_apply("the engine sets no limit of its own")
    if snapshot.environment is None:
        return not_known("the GPUs of the machine")
    found = weakest(nvidia_gpus(snapshot, intent))
    if found is None:
        return does_not_apply("the machine has no GPU of NVIDIA whose compute capability is known")
    device, capability = found
    proof = (seen(named(device)), seen(f"{intent.engine} needs {dotted(least)} or newer"))
    if capability < least:
        return failed(
            f"{device.name} ({dotted(capability)}) is older than {intent.engine} is built for.",
            *proof,
            remedy="Serve a GGUF of the model with llama-server on this card.",
        )
    return passed(f"{device.name} is new enough for {intent.engine}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(name: str, capability: str) -> Snapshot:
        return world(None, machine(gpus=[gpu(name, 16, capability)]))

    vllm = Intent(action=Action.SERVE, engine="vllm")
    sglang = replace(vllm, engine="sglang")
    pascal = there("Tesla P100-PCIE-16GB", "6.0")
    volta = there("Tesla V100-SXM2-16GB", "7.0")
    yield Example(outcome=Outcome.FAIL, snapshot=pascal, intent=vllm, says="P100")
    yield Example(outcome=Outcome.PASS, snapshot=volta, intent=vllm)
    yield Example(outcome=Outcome.FAIL, snapshot=volta, intent=sglang)
    yield Example(outcome=Outcome.PASS, snapshot=there("Tesla T4", "7.5"), intent=sglang)
    yield Example(outcome=Outcome.SKIP, snapshot=pascal, intent=Intent(engine="llama.cpp"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=vllm, says="not known")
