"""The engine that the command starts is installed in the Python that was read.

Why: "vllm: command not found" and "No module named vllm" mean another environment more often than
a missing package: the shell has none activated, or the package lies in another one than the one
that python names.

Fix: activate the environment that has it, or install it into this one.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, package_of_engine, python_of, unknown_python
from firstmile.check.intent import Container, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    references=("https://docs.python.org/3/library/venv.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the engine's package."""
    name = package_of_engine(intent)
    if name is None:
        return does_not_apply("no engine that is a package of Python is asked for")
    python = python_of(snapshot)
    if python is None:
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
