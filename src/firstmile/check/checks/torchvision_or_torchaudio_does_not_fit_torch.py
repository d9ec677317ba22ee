"""torchvision and torchaudio are of the release and the build of the torch beside them.

Why: both hold compiled operators that are bound to one release of torch. Beside another they fail
at import, and with them transformers, which imports torchvision where it is installed:
"operator torchvision::nms does not exist", or "RuntimeError: Detected that PyTorch and
torchvision were compiled with different CUDA major versions".

Fix: install the three together from one index; or uninstall torchvision and torchaudio where only
text is worked on.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import fulfils, local_of, read_requirement, release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.environment import Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("torchvision-does-not-fit-torch",),
    references=("https://github.com/pytorch/vision#installation",),
)
_COMPANIONS: Final = ("torchvision", "torchaudio")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare releases by what each requires, and builds by the part behind the plus sign."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch = python.package("torch")
    there = [each for name in _COMPANIONS if (each := python.package(name)) is not None]
    if torch is None or not there:
        return does_not_apply("neither torchvision nor torchaudio is installed beside torch")
    judged = 0
    for each in there:
        wanted = _wanted(each, snapshot)
        fits = fulfils(torch.version, wanted) if wanted else None
        judged += fits is not None
        if fits is False:
            return failed(
                f"{each.name.capitalize()} {each.version} needs torch{wanted}, "
                f"but torch {torch.version} is installed.",
                installed(each),
                installed(torch),
                remedy=_together(torch),
            )
        if _is_of_another_build(each, torch):
            return failed(
                f"{each.name.capitalize()} {each.version} and torch {torch.version} are builds "
                "for different devices.",
                installed(each),
                installed(torch),
                remedy=_together(torch),
            )
    if not judged:
        return not_known("which torch the installed torchvision and torchaudio need")
    names = " and ".join(f"{each.name} {each.version}" for each in there)
    return passed(f"The installed {names} fit torch {torch.version}.", *map(installed, there))


def _wanted(companion: Package, snapshot: Snapshot) -> str | None:
    """Return the torch that a companion needs.

    Where its metadata does not say, the releases run in step: torchvision 0.15 is torch 2.0's,
    torchaudio has torch's own number.
    """
    environment = snapshot.environment
    assert environment is not None
    for text in companion.requires:
        found = read_requirement(text, environment.python, environment.system)
        if found is not None and found.name == "torch" and "==" in found.versions:
            return found.versions
    release = release_of(companion.version)
    if release is None:
        return None
    if companion.name == "torchvision" and release[0] == 0 and release[1] >= 15:
        return f"==2.{release[1] - 15}.*"
    if companion.name == "torchaudio" and (2, 0) <= release <= (2, 8):
        return f"=={release[0]}.{release[1]}.*"
    return None


def _is_of_another_build(companion: Package, torch: Package) -> bool:
    mine, other = local_of(companion.version), build_of(torch)
    own = build_of(companion) if mine else None
    if own is None or other is None or mine is None:
        return False
    if own.kind != other.kind:
        return True
    releases = [release_of(each.release or "") for each in (own, other)]
    return None not in releases and releases[0] != releases[1] and own.kind == "CUDA"


def _together(torch: Package) -> str:
    build = build_of(torch)
    digits = (build.release or "").replace(".", "") if build else ""
    index = {"CUDA": f"cu{digits[:3]}", "CPU": "cpu"}.get(build.kind if build else "", "")
    place = f" --index-url https://download.pytorch.org/whl/{index}" if index else ""
    release = text_word(torch.version.partition("+")[0])
    return f"pip install torch=={release} torchvision torchaudio{place} --force-reinstall"


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *packages: Package, says: str = "") -> Example:
        made = computer(*packages)
        return Example(outcome=outcome, snapshot=world(environment=made), says=says)

    torch = package("torch", "2.6.0+cu124")
    yield of(Outcome.PASS, torch, package("torchvision", "0.21.0+cu124", "torch (==2.6.0)"))
    yield of(Outcome.PASS, torch, package("torchvision", "0.21.0"))
    yield of(Outcome.PASS, torch, package("torchaudio", "2.6.0"))
    yield of(
        Outcome.FAIL,
        torch,
        package("torchvision", "0.20.1", "torch (==2.5.1)"),
        says="needs torch==2.5.1",
    )
    yield of(Outcome.FAIL, torch, package("torchvision", "0.19.0"))
    yield of(
        Outcome.FAIL,
        torch,
        package("torchvision", "0.21.0+cpu", "torch (==2.6.0)"),
        says="different devices",
    )
    yield of(Outcome.SKIP, torch)
    yield of(Outcome.SKIP, torch, package("torchaudio", "2.10.0"), says="not known")
