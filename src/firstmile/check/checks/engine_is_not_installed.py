"""The engine that the command starts is installed: in the Python that was read, or on the PATH.

Why: "vllm: command not found" and "No module named vllm" mean another environment more often than
a missing package: the shell has none activated, or the package lies in another one than the one
that python names. From a Python without vLLM and torch nothing follows for another one, but a
program that is not on the PATH does not start from this shell.

Fix: activate the environment that has it, or install it into this one.
"""

from collections.abc import Iterator
from typing import Any, Final

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
"""Programs that facts look for on the PATH."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the engine's package."""
    name = package_of_engine(intent)
    missing = _missing_program(snapshot, intent)
    if name is None and missing is None:
        return does_not_apply("no engine is asked for that could be looked for")
    python = python_of(snapshot)
    if missing is not None and (name is None or python is None):
        return warned(
            f"There is no {missing} on the PATH: the command does not start from this shell.",
            seen(f"no {missing} on the PATH"),
            remedy=f"Activate the environment that has {missing}, or install it; where the command "
            "is for another machine, name its --snapshot.",
        )
    if python is None or name is None:
        return unknown_python(snapshot)
    there = python.package(name)
    if there is not None:
        return passed(f"The engine is there: {name} {there.version}.", installed(there))
    programs = snapshot.environment.programs if snapshot.environment is not None else None
    if any(each.name == name for each in programs or ()):
        return not_known(f"the Python of the {name} on the PATH: another one was read")
    return failed(
        f"The package {name} is not installed in {python.prefix}.",
        seen(f"Python {python.version} in {python.prefix} has no {name}"),
        remedy=f"Activate the environment that has it, or pip install {name}.",
    )


def _missing_program(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return the program that the command begins with, where it was looked for and is not there."""
    environment = snapshot.environment
    if environment is None or environment.programs is None or intent.container is not None:
        return None
    words = (each for each in parted(intent.command or "") if not is_assignment(each))
    first = next(words, "")
    is_known = first == intent.program and first in _LOOKED_FOR and intent.interpreter is None
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
    unseen = computer(package("numpy", "2.0.0"), programs=None)
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=unseen), intent=serving)
