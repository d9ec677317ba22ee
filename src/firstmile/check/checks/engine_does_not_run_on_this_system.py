"""The engine runs on this operating system, and on this generation of GPU.

Why: vLLM and SGLang have builds for Linux alone; under Windows their installation or first import
fails ("No module named vllm._C", "uvloop does not support Windows"). WSL 1 has no GPU at all. Their
kernels need a GPU that is not too old: vLLM's an NVIDIA GPU of compute capability 7.0 at least.

Fix: under Windows use WSL 2 or Docker Desktop; on older cards llama.cpp or transformers.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import capability_of
from firstmile.check.installed import named
from firstmile.check.intent import Intent
from firstmile.check.ranks import gpus_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/system-architecture",
    stage="inference",
    entries=("an-extension-has-no-kernel-for-this-gpu",),
    references=(
        "https://docs.vllm.ai/en/v0.14.0/getting_started/installation/gpu/",
        "https://learn.microsoft.com/en-us/windows/wsl/compare-versions",
    ),
)
_NAMES: Final = {"vllm": "vLLM", "sglang": "SGLang"}
_OLDEST: Final = {"vllm": (7, 0)}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the system, then at the GPUs."""
    engine = intent.engine or ""
    if engine not in _NAMES:
        return does_not_apply("no engine is asked for that is bound to a system")
    environment = snapshot.environment
    if environment is None or environment.system is None:
        return not_known("the operating system")
    system = environment.system
    shown = seen(f"system: {system.name} {system.machine}")
    if system.name == "Windows":
        return failed(
            f"The engine {_NAMES[engine]} does not run under Windows itself.",
            shown,
            remedy="Start it under WSL 2 (wsl --install), or in Docker Desktop.",
        )
    if system.wsl == 1:
        return failed(
            "WSL 1 gives no access to a GPU.",
            shown,
            seen("WSL 1"),
            remedy="wsl --set-version DISTRIBUTION 2",
        )
    gpus = gpus_of(snapshot, intent, "NVIDIA")
    for each in gpus:
        capability = capability_of(each.compute_capability)
        if capability is not None and engine in _OLDEST and capability < _OLDEST[engine]:
            least = ".".join(map(str, _OLDEST[engine]))
            return failed(
                f"The engine {_NAMES[engine]} needs compute capability {least}; {each.name} has "
                f"{each.compute_capability}.",
                seen(named(each)),
                remedy="Use llama.cpp or transformers on this card.",
            )
    return passed(f"The engine {_NAMES[engine]} runs on this system.", shown)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        system: str = "Linux",
        capability: str = "8.0",
        *,
        engine: str = "vllm",
        wsl: int | None = None,
    ) -> Example:
        made = machine(system=system, gpus=[gpu(capability=capability)], wsl=wsl)
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(engine=engine)
        )

    yield of(Outcome.PASS)
    yield of(Outcome.PASS, capability="7.0")
    yield of(Outcome.PASS, wsl=2)
    yield of(Outcome.FAIL, "Windows")
    yield of(Outcome.FAIL, wsl=1)
    yield of(Outcome.FAIL, capability="6.1")
    yield of(Outcome.PASS, capability="7.0", engine="sglang")
    yield of(Outcome.SKIP, "Windows", engine="llama.cpp")
