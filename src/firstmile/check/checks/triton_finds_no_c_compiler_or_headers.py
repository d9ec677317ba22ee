"""Triton finds a C compiler and Python's headers on a machine with a GPU.

Why: Triton compiles a small helper against Python.h when its first kernel runs. vLLM, SGLang,
torch.compile, unsloth and liger-kernel use it at once. Slim containers and fresh servers have
neither: "Failed to find C compiler. Please specify via CC environment variable", or "fatal error:
Python.h: No such file or directory".

Fix: apt-get install gcc python3-dev (the -dev package of the very version, such as
python3.12-dev); Pythons of uv and conda bring the headers.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import python_of, unknown_python, value_of
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
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
from firstmile.check.worlds import gpu, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entries=("triton-finds-no-c-compiler-or-python-headers",),
    references=(
        "https://github.com/triton-lang/triton/blob/main/python/triton/runtime/build.py",
        "https://github.com/sgl-project/sglang/issues/1117",
    ),
)
_USE_IT_AT_ONCE: Final = ("vllm", "sglang")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for gcc or clang (or CC), and for Python.h."""
    environment = snapshot.environment
    python = python_of(snapshot)
    if python is None or environment is None:
        return unknown_python(snapshot)
    if python.package("triton") is None and python.package("vllm") is None:
        return does_not_apply("Triton is not installed")
    if environment.system is None or environment.system.name != "Linux":
        return does_not_apply("Triton brings its own compiler, or is not used, on this system")
    if not any(each.vendor in ("NVIDIA", "AMD") for each in environment.gpus):
        return does_not_apply("no GPU was found that Triton has code for")
    if environment.programs is None:
        return not_known("which compilers are there")
    say = failed if intent.engine in _USE_IT_AT_ONCE else warned
    there = [each for each in environment.programs if each.name in ("gcc", "clang")]
    compiler = value_of(snapshot, intent, "CC") or (there[0].path if there else None)
    if compiler is None:
        return say(
            "There is no C compiler, which Triton needs for its first kernel.",
            seen("neither gcc nor clang is on the PATH, and CC is not set"),
            remedy="apt-get install gcc, or set CC.",
        )
    if python.headers is False:
        version = release_of(python.version or "")
        name = f"python{version[0]}.{version[1]}-dev" if version else "python3-dev"
        return say(
            "Python's headers (Python.h) are missing, which Triton compiles against.",
            seen(f"no Python.h beside Python {python.version}"),
            remedy=f"apt-get install {name}",
        )
    if python.headers is None:
        return not_known("whether Python's headers are there")
    return passed("A C compiler and Python's headers are there.", seen(f"compiler: {compiler}"))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        programs: tuple[str, ...] | None,
        headers: bool | None = True,
        *,
        engine: str = "vllm",
        gpus: int = 1,
        **variables: str,
    ) -> Example:
        made = computer(
            package("triton", "3.2.0"),
            package("torch", "2.6.0+cu124"),
            programs=programs,
            headers=headers,
            gpus=[gpu()] * gpus,
        )
        return Example(
            outcome=outcome,
            snapshot=world(environment=made),
            intent=Intent(engine=engine, variables=variables),
        )

    yield of(Outcome.PASS, ("gcc",))
    yield of(Outcome.PASS, ("clang",))
    yield of(Outcome.PASS, (), CC="/opt/gcc/bin/gcc")
    yield of(Outcome.FAIL, ("g++", "cc"))
    yield of(Outcome.FAIL, ("gcc",), False)
    yield of(Outcome.WARN, (), engine="transformers")
    yield of(Outcome.SKIP, (), gpus=0)
    yield of(Outcome.SKIP, None)
