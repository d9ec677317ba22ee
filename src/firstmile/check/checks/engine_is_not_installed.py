"""Engine and launcher of the command are installed: in the Python that was read, or on the PATH.

Why: "vllm: command not found" and "No module named vllm" mean another environment more often than
a missing package: the shell has none activated, or the package lies in another one than the one
that python names. From a Python without vLLM and torch nothing follows for another one, but a
program that is not on the PATH does not start from this shell.

Fix: activate the environment that has it, or install it into this one.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import is_assignment, parted
from firstmile.check.installed import installed, package_of_engine, python_of, unknown_python
from firstmile.check.intent import Container, Intent
from firstmile.check.machine_worlds import computer, package
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
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    references=("https://docs.python.org/3/library/venv.html",),
)
_LOOKED_FOR: Final = ("vllm", "ollama", "llama-server")
"""Programs that facts of all releases look for on the PATH."""
_NO_ENGINES: Final = ("cc", "gcc", "g++", "c++", "clang", "nvcc", "hipcc", "docker", "git")
"""Others that they look for, whose absence other checks tell."""
_PACKAGES: Final = {
    "axolotl": "axolotl",
    "lmdeploy": "lmdeploy",
    "tensorrt-llm": "tensorrt-llm",
    "torchtune": "torchtune",
    "torchrun": "torch",
}
"""Packages of further engines; that of text-generation-inference comes with its launcher."""
_OF_LAUNCHERS: Final = {
    "accelerate": "accelerate",
    "deepspeed": "deepspeed",
    "torchrun": "torch",
    "trl": "trl",
    "axolotl": "axolotl",
    "llama-factory": "llamafactory",
}
_PROGRAMS: Final = {
    "llamafactory": ("llamafactory-cli",),
    "torch": ("torchrun",),
    "torchtune": ("tune",),
    "tensorrt-llm": ("trtllm-serve",),
}
"""Programs of packages that have other names."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the packages of engine and launcher, or for the program that the command names."""
    names = _packages(intent)
    missing = _missing_program(snapshot, intent)
    if not names and missing is None:
        return does_not_apply("no engine is asked for that could be looked for")
    python = python_of(snapshot)
    if missing is not None and (not names or python is None):
        return warned(
            f"There is no {missing} on the PATH: the command does not start from this shell.",
            seen(f"no {missing} on the PATH"),
            remedy=f"Activate the environment that has {missing}, or install it; where the command "
            "is for another machine, name its --snapshot.",
        )
    if python is None:
        return unknown_python(snapshot)
    found = [python.package(name) for name in names]
    there = [each for each in found if each is not None]
    if len(there) == len(names):
        said = " and ".join(f"{each.name} {each.version}" for each in there)
        return passed(f"What the command starts is there: {said}.", *map(installed, there))
    name = next(name for name, each in zip(names, found, strict=True) if each is None)
    programs = snapshot.environment.programs if snapshot.environment is not None else None
    apart = {name, *_PROGRAMS.get(name, ())}
    elsewhere = next((each.name for each in programs or () if each.name in apart), None)
    if elsewhere is not None:
        return not_known(f"the Python of the {elsewhere} on the PATH: another one was read")
    return failed(
        f"The package {name} is not installed in {python.prefix}.",
        seen(f"Python {python.version} in {python.prefix} has no {name}"),
        remedy=f"Activate the environment that has it, or pip install {name}.",
    )


def _packages(intent: Intent) -> tuple[str, ...]:
    """Return the packages that the command cannot do without: the engine's and the launcher's."""
    engine = package_of_engine(intent) or _PACKAGES.get(intent.engine or "")
    launcher = _OF_LAUNCHERS.get(intent.launcher or "")
    return tuple(dict.fromkeys(each for each in (engine, launcher) if each is not None))


def _missing_program(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return the program that the command begins with, where it was looked for and is not there."""
    environment = snapshot.environment
    if environment is None or environment.programs is None or intent.container is not None:
        return None
    words = (each for each in parted(intent.command or "") if not is_assignment(each))
    first = next(words, "")
    looked_for = set(environment.looked_for or _LOOKED_FOR) - set(_NO_ENGINES)
    is_known = first in looked_for and intent.interpreter is None
    is_there = any(each.name == first for each in environment.programs)
    return first if is_known and not is_there else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    made = world(environment=computer(package("torch", "2.6.0"), package("vllm", "0.9.0")))
    yield Example(outcome=Outcome.PASS, snapshot=made, intent=Intent(engine="vllm"))
    yield Example(outcome=Outcome.FAIL, snapshot=made, intent=Intent(engine="sglang"))
    yield Example(outcome=Outcome.SKIP, snapshot=made, intent=Intent(engine="ollama"))
    elsewhere = computer(package("torch", "2.6.0"), programs=("vllm",))
    yield Example(
        outcome=Outcome.SKIP,
        snapshot=world(environment=elsewhere),
        intent=Intent(engine="vllm"),
        says="not known",
    )
    inside = Intent(engine="sglang", container=Container(image="lmsysorg/sglang"))
    yield Example(outcome=Outcome.SKIP, snapshot=made, intent=inside, says="container")
    other = world(environment=computer(package("numpy", "2.0.0")))
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=other, intent=vllm, says="not known")

    def typed(command: str, **more: Any) -> Intent:
        return Intent(command=command, program=command.split()[-3], **more)

    serving = typed("vllm serve ./m", engine="vllm")
    yield Example(
        outcome=Outcome.WARN,
        snapshot=other,
        intent=serving,
        says="no vllm on the PATH",
    )
    gguf = typed("A=1 llama-server -m m.gguf", engine="llama.cpp")
    yield Example(outcome=Outcome.WARN, snapshot=other, intent=gguf)
    yield Example(
        outcome=Outcome.SKIP,
        snapshot=world(environment=elsewhere),
        intent=typed("vllm serve ./m", engine="vllm"),
    )
    built = typed("./llama-server -m m.gguf", engine="llama.cpp")
    yield Example(outcome=Outcome.SKIP, snapshot=other, intent=built)
    launched = Intent(engine="transformers", launcher="accelerate")
    partly = world(environment=computer(package("torch", "2.6.0"), package("transformers", "5.0")))
    yield Example(outcome=Outcome.FAIL, snapshot=partly, intent=launched, says="accelerate is not")
    for engine in ("axolotl", "lmdeploy", "llama-factory"):
        yield Example(outcome=Outcome.FAIL, snapshot=partly, intent=Intent(engine=engine))
    ranks = Intent(engine="transformers", launcher="torchrun")
    yield Example(outcome=Outcome.PASS, snapshot=partly, intent=ranks, says="torch 2.6.0")
    all_names = replace(
        computer(package("numpy", "2.0.0")), looked_for=("sglang", "text-generation-launcher")
    )
    hub = typed("text-generation-launcher --model-id m", engine="text-generation-inference")
    looked = world(environment=all_names)
    yield Example(outcome=Outcome.WARN, snapshot=looked, intent=hub, says="does not start")
    yield Example(outcome=Outcome.SKIP, snapshot=other, intent=hub)
    unseen = computer(package("numpy", "2.0.0"), programs=None)
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=unseen), intent=serving)
