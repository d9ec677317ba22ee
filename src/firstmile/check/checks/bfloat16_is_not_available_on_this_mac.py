"""A Mac that is to compute in bfloat16 on its GPU has macOS 14 and torch 2.3 or later.

Why: Apple's GPU computes in bfloat16 from macOS 14 (Sonoma) on, and torch from 2.3 on. torch before
ends in "BFloat16 is not supported on MPS", one under an older macOS in "MPS BFloat16
is only supported on MacOS 14 or newer" when the model is moved to the GPU. Most models of today
state bfloat16 in their config.

Fix: dtype float16 instead, or upgrade macOS; MLX (mlx-lm) and llama.cpp are the faster engines.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.own_code import uses_transformers
from firstmile.check.releases import release_of
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
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entries=("bfloat16-is-not-available-on-this-mac", "operator-is-missing-for-the-mac-gpu"),
    references=(
        "https://github.com/pytorch/pytorch/pull/119641",
        "https://github.com/pytorch/torchchat/issues/616",
    ),
)
_FIRST: Final = 14
_WITH_IT: Final = (2, 3)
"""The release of torch that came after pull request 119641, which added the type."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold number type and quantization against what Apple's GPU computes with."""
    environment = snapshot.environment
    if environment is None or environment.system is None:
        return not_known("the operating system")
    system = environment.system
    if system.name != "Darwin" or system.machine.lower() != "arm64":
        return does_not_apply("this is no Mac with a GPU of Apple's")
    if not uses_transformers(intent) or intent.device_map == "cpu":
        return does_not_apply("the engine has number types of its own, or computes on the CPU")
    if intent.dtype is None and snapshot.model is None:
        return not_known("the number type of the model")
    shown = seen(f"system: {system.release or 'macOS'}")
    if _dtype(snapshot, intent) != "bfloat16":
        return does_not_apply("bfloat16 is not asked for")
    asked = seen("number type = bfloat16")
    torch = package_of(snapshot, "torch")
    if torch is not None and (release_of(torch.version) or _WITH_IT) < _WITH_IT:
        say = failed if _goes_to_the_gpu(intent) else warned
        return say(
            f"Torch {torch.version} does not compute in bfloat16 on Apple's GPU.",
            shown,
            asked,
            installed(torch),
            remedy="Ask for float16 (dtype=torch.float16, bf16 off and fp16 on in the config of a "
            "model with own code), or upgrade to torch 2.3 and macOS 14.",
        )
    version = _release(environment)
    if version is None:
        return not_known("the release of macOS")
    if version < _FIRST:
        return failed(
            f"Apple's GPU does not compute in bfloat16 under macOS {version}.",
            shown,
            asked,
            remedy="Ask for float16 (dtype=torch.float16), or upgrade to macOS 14.",
        )
    return passed("Apple's GPU computes in bfloat16 under this macOS.", shown, asked)


def _goes_to_the_gpu(intent: Intent) -> bool:
    """Say whether the model is surely moved there: by a training, or by its device map."""
    return intent.trains or (intent.device_map or "").startswith(("auto", "mps", "balanced"))


def _dtype(snapshot: Snapshot, intent: Intent) -> str | None:
    if intent.dtype not in (None, "auto"):
        return {"bf16": "bfloat16"}.get(intent.dtype or "", intent.dtype)
    config = snapshot.model.config if snapshot.model is not None else None
    return read_architecture(config).dtype if config is not None else None


def _release(environment: Environment) -> int | None:
    said = environment.system.release if environment.system is not None else None
    found = release_of((said or "").removeprefix("macOS ").strip(), 1)
    return found[0] if found else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    from msgspec.structs import replace

    def of(
        outcome: Outcome,
        release: str | None,
        intent: Intent | None = None,
        torch: str = "2.4.0",
        **config: object,
    ) -> Example:
        packages = {"torch": torch}
        made = machine(system="Darwin", architecture="arm64", libc=None, packages=packages)
        assert made.system is not None
        mac = replace(made, system=replace(made.system, release=release))
        model = folder(config={**LLAMA, **config})
        return Example(
            outcome=outcome, snapshot=world(model, mac), intent=intent or Intent(dtype="auto")
        )

    yield of(Outcome.PASS, "macOS 14.2")
    yield of(Outcome.FAIL, "macOS 13.6.1")
    yield of(Outcome.WARN, None, torch="2.0.1")
    yield of(Outcome.FAIL, None, Intent(dtype="auto", device_map="auto"), "2.0.1")
    yield of(Outcome.SKIP, "macOS 13.6.1", Intent(dtype="float16"))
    yield of(Outcome.SKIP, "macOS 13.6.1", Intent(engine="llama.cpp"))
    yield of(Outcome.SKIP, "macOS 13.6.1", torch_dtype="float16")
    yield of(Outcome.SKIP, "macOS 13.6.1", Intent(engine="vllm"))
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA), machine()), says="no Mac"
    )
