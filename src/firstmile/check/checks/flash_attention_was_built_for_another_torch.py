"""flash-attn and its kin were built for the release, the CUDA and the C++ ABI of this torch.

Why: wheels of flash-attn, causal-conv1d and mamba-ssm are bound to one release of torch, one
major CUDA and one C++ ABI; their version says which (cu12torch2.4cxx11abiFALSE). Beside another
torch the import ends in "undefined symbol: _ZN3c104cuda9SetDeviceEi" or similar, and
transformers, which imports flash-attn where it is installed, fails with it.

Fix: take the wheel whose name has this torch's release, CUDA and ABI from the project's releases,
or build it anew: pip install --force-reinstall --no-deps --no-build-isolation flash-attn.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.environment import BuiltFor, Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("flash-attention-was-built-for-another-torch",),
    references=(
        "https://github.com/Dao-AILab/flash-attention/blob/main/.github/workflows/publish.yml",
    ),
)
_BUILT: Final = ("flash-attn", "causal-conv1d", "mamba-ssm")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare what the wheel names with torch."""
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    torch = python.package("torch")
    there = [each for name in _BUILT if (each := python.package(name)) is not None]
    if torch is None or not there:
        return does_not_apply("flash-attn is not installed beside torch")
    judged = [each for each in there if each.built is not None and each.built.torch]
    for each in judged:
        for part, mine, other in _differences(each.built, torch):
            return failed(
                f"The installed {each.name} {each.version} was built for {part} {mine}, "
                f"but torch {torch.version} is of {part} {other}.",
                seen(f"{each.name} {each.version}: built for {part} {mine}"),
                installed(torch),
                remedy=f"pip install --force-reinstall --no-deps --no-build-isolation {each.name}, "
                f"or its wheel for {part} {other} from the project's releases.",
            )
    if not judged:
        return not_known(f"what {there[0].name} {there[0].version} was built for")
    return passed(f"The installed {judged[0].name} was built for this torch.", installed(judged[0]))


def _differences(built: BuiltFor | None, torch: Package) -> Iterator[tuple[str, str, str]]:
    """Yield each part in which a build and torch differ: its name, and both sides."""
    if built is None:
        return
    wanted, there = release_of(built.torch or ""), release_of(torch.version)
    if wanted is not None and there is not None and wanted != there:
        yield "torch", f"{wanted[0]}.{wanted[1]}", f"{there[0]}.{there[1]}"
    build = build_of(torch)
    mine = release_of(built.cuda[0], 1) if built.cuda else None
    other = release_of(build.release or "", 1) if build and build.kind == "CUDA" else None
    if mine is not None and other is not None and mine != other:
        yield "CUDA", str(mine[0]), str(other[0])
    abi = torch.built.cxx11_abi if torch.built is not None else None
    if built.cxx11_abi is not None and abi is not None and built.cxx11_abi != abi:
        yield "the C++11 ABI", str(built.cxx11_abi).upper(), str(abi).upper()


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        torch: str,
        built: BuiltFor | None,
        *,
        abi: bool | None = None,
        says: str = "",
    ) -> Example:
        made = computer(
            package("torch", torch, built=BuiltFor(cxx11_abi=abi)),
            package("flash-attn", "2.7.3", built=built),
        )
        return Example(outcome=outcome, snapshot=world(environment=made), says=says)

    built = BuiltFor(torch="2.4", cuda=("12",), cxx11_abi=False)
    yield of(Outcome.PASS, "2.4.1+cu124", built, abi=False)
    yield of(Outcome.PASS, "2.4.0+cu121", built)
    yield of(Outcome.FAIL, "2.5.1+cu124", built, says="built for torch 2.4")
    yield of(Outcome.FAIL, "2.4.1+cu118", built, says="CUDA 12")
    yield of(Outcome.FAIL, "2.4.1+cu124", built, abi=True, says="ABI")
    yield of(Outcome.SKIP, "2.4.1+cu124", None, says="not known")
    alone = computer(package("torch", "2.6.0+cu124"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=alone), says="does not apply")
