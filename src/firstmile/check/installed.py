"""What checks ask of an environment again and again: packages, GPUs that are used, the engine."""

import re
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.releases import release_of
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, seen
from firstmile.facts.environment import Environment, Gpu, Interpreter, Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence

_IMAGE: Final = re.compile(r"(?:vllm/vllm-openai|lmsysorg/sglang)[\w-]*:v?([0-9]+(?:\.[0-9]+)+)")
"""Images whose tag is the engine's release."""
LIBRARIES = ("torch", "transformers", "vllm", "sglang", "llama-cpp-python", "mlx-lm")
"""One of these lies in every Python that runs models; without any it is another Python's."""

_PACKAGES_OF_ENGINES = {
    "transformers": "transformers",
    "trl": "trl",
    "vllm": "vllm",
    "sglang": "sglang",
    "deepspeed": "deepspeed",
    "accelerate": "accelerate",
    "llama-factory": "llamafactory",
}


def python_of(snapshot: Snapshot) -> Interpreter | None:
    """Return the Python of the machine where it was read and runs models, or else None."""
    python = snapshot.environment.python if snapshot.environment else None
    if python is None or not any(python.package(each) for each in LIBRARIES):
        return None
    return python


def unknown_python(snapshot: Snapshot) -> Verdict:
    """Say why nothing is known of the packages."""
    environment = snapshot.environment
    if environment is None or environment.python is None:
        told = environment.not_known if environment is not None else ()
        reason = next((each.reason for each in told if each.what == "python"), None)
        return not_known("the installed packages" + (f" ({reason})" if reason else ""))
    return not_known("the packages that will run it: the Python that was read has no torch")


def package_of(snapshot: Snapshot, name: str) -> Package | None:
    """Return a package of the Python that was read."""
    python = snapshot.environment.python if snapshot.environment else None
    return python.package(name) if python is not None else None


def version_of(snapshot: Snapshot, name: str) -> str | None:
    """Return the version of a package of the Python that was read; None where it is not known."""
    found = package_of(snapshot, name)
    return None if found is None else found.version


def installed_release(snapshot: Snapshot, name: str, parts: int = 2) -> tuple[int, ...] | None:
    """Return the first numbers of a package's version: (4, 57) of transformers 4.57.1."""
    version = version_of(snapshot, name)
    return None if version is None else release_of(version, parts)


def installed(package: Package) -> Evidence:
    """Quote that a package is installed."""
    return seen(f"{package.name} {package.version} is installed")


def package_of_engine(intent: Intent) -> str | None:
    """Return the package that the engine of a command is, where Python runs it."""
    return _PACKAGES_OF_ENGINES.get(intent.engine or "")


def engine_version(environment: Environment | None, intent: Intent) -> str | None:
    """Return the version of the engine: that of its package, or of the image it is started in."""
    name = package_of_engine(intent)
    python = environment.python if environment is not None else None
    if python is not None and name is not None and python.version_of(name) is not None:
        return python.version_of(name)
    image = intent.container.image if intent.container is not None else None
    found = _IMAGE.search(image or "")
    return found[1] if found is not None else None


def named(gpu: Gpu) -> str:
    """Return how a GPU is called, with its compute capability."""
    able = f" ({gpu.compute_capability})" if gpu.compute_capability else ""
    return f"GPU {gpu.index}: {gpu.name}{able}"


def runs_python(intent: Intent) -> bool:
    """Say whether what is intended runs in Python: all but the engines that are programs."""
    return intent.engine not in ("llama.cpp", "ollama")


def not_python() -> Verdict:
    """Say that the engine does not run in Python."""
    return does_not_apply("the engine is a program of its own, not a package of Python")


def value_of(snapshot: Snapshot, intent: Intent, variable: str) -> str | None:
    """Return an environment variable: as the command sets it, or else the machine has it."""
    if variable in intent.variables:
        return intent.variables[variable]
    known = snapshot.environment.variable(variable) if snapshot.environment else None
    return known.value if known is not None else None
