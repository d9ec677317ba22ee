"""The attention backend that the command names runs on the GPU.

Why: servers choose kernels of attention by the GPU. A backend that is named by hand, in a command
or in VLLM_ATTENTION_BACKEND that stayed in the shell, is not swapped for another one: vLLM ends in
"Selected backend ... is not valid for this configuration. Reason: ['compute capability not
supported']".

Fix: leave the backend out, so that the server chooses.
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
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://github.com/vllm-project/vllm/blob/main/vllm/platforms/cuda.py",
        "https://docs.sglang.ai/advanced_features/attention_backend.html",
    ),
)
_OLDEST: Final[Mapping[str, Mapping[str, Capability]]] = {
    "vllm": {
        "flash_attn": (8, 0),
        "flash_attn_mla": (9, 0),
        "flashmla": (9, 0),
        "flashinfer_mla": (10, 0),
        "cutlass_mla": (10, 0),
    },
    "sglang": {
        "fa3": (8, 0),
        "flashmla": (9, 0),
        "cutlass_mla": (10, 0),
        "trtllm_mla": (10, 0),
        "trtllm_mha": (10, 0),
    },
}
"""`supports_compute_capability` of vLLM's backends; SGLang's table of backends."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the oldest GPU that is used against what the backend needs."""
    asked = (intent.attention or "").lower().removesuffix("_vllm_v1")
    least = _OLDEST.get(intent.engine or "", {}).get(asked)
    if least is None:
        return does_not_apply("the command names no backend that only some GPUs run")
    if snapshot.environment is None:
        return not_known("the GPUs of the machine")
    found = weakest(nvidia_gpus(snapshot, intent))
    if found is None:
        return does_not_apply("the machine has no GPU of NVIDIA whose compute capability is known")
    device, capability = found
    proof = (seen(f"attention backend = {intent.attention}"), seen(named(device)))
    if capability < least:
        return failed(
            f"The backend {intent.attention} needs compute capability {dotted(least)}; "
            f"{device.name} has {dotted(capability)}.",
            *proof,
            remedy="Leave the attention backend out, in the command and in the variables.",
        )
    return passed(f"{device.name} runs the backend {intent.attention}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    t4 = world(None, machine(gpus=[gpu("Tesla T4", 16, "7.5")]))
    a100 = world(None, machine(gpus=[gpu()]))
    asked = Intent(action=Action.SERVE, engine="vllm", attention="FLASH_ATTN")
    yield Example(outcome=Outcome.FAIL, snapshot=t4, intent=asked, says="needs compute")
    yield Example(outcome=Outcome.PASS, snapshot=a100, intent=asked)
    mla = replace(asked, attention="FLASHMLA")
    yield Example(outcome=Outcome.FAIL, snapshot=a100, intent=mla)
    blackwell = Intent(action=Action.SERVE, engine="sglang", attention="trtllm_mha")
    yield Example(outcome=Outcome.FAIL, snapshot=a100, intent=blackwell, says="10.0")
    triton = replace(asked, attention="TRITON_ATTN")
    yield Example(outcome=Outcome.SKIP, snapshot=t4, intent=triton, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
