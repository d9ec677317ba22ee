"""Packages that environment variables switch on are installed.

Why: HF_HUB_ENABLE_HF_TRANSFER=1, set in many images and guides, stops every download of
huggingface_hub before 1.0 where hf_transfer is not installed: "Fast download using 'hf_transfer' is
enabled but 'hf_transfer' package is not available". VLLM_USE_MODELSCOPE and SGLANG_USE_MODELSCOPE
take models from ModelScope and need modelscope.

Fix: install the package, or unset the variable.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from firstmile.check.installed import installed, python_of, unknown_python, value_of
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import fulfils
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    references=(
        "https://huggingface.co/docs/huggingface_hub/v0.36.0/package_reference/environment_variables",
        "https://docs.vllm.ai/en/latest/models/supported_models.html#modelscope",
    ),
)
_TRUE: Final = frozenset(("1", "on", "yes", "true"))


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A variable, the package that it asks for, and the library (and its releases) that asks."""

    variable: str
    package: str
    library: str
    releases: str = ""


WISHES: Final = (
    Wish(
        variable="HF_HUB_ENABLE_HF_TRANSFER",
        package="hf-transfer",
        library="huggingface-hub",
        releases="<1.0",
    ),
    Wish(variable="VLLM_USE_MODELSCOPE", package="modelscope", library="vllm"),
    Wish(variable="SGLANG_USE_MODELSCOPE", package="modelscope", library="sglang"),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the package of each variable that is switched on."""
    if snapshot.environment is None:
        return not_known("the environment variables")
    wishes = [
        each
        for each in WISHES
        if (value_of(snapshot, intent, each.variable) or "").lower() in _TRUE
    ]
    if not wishes:
        return does_not_apply("no variable that asks for a package is set")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    judged = []
    for each in wishes:
        library = python.package(each.library)
        if library is None or fulfils(library.version, each.releases) is False:
            continue
        judged.append(seen(f"{each.variable} is set"))
        if python.package(each.package) is None:
            return failed(
                f"The variable {each.variable} asks for {each.package}, which is not installed.",
                seen(f"{each.variable} is set"),
                installed(library),
                remedy=f"pip install {each.package}, or unset {each.variable}.",
            )
    if not judged:
        return does_not_apply("the installed libraries do not heed the variable")
    return passed("What the variables ask for is installed.", *judged)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *packages: str, **variables: str) -> Example:
        made = computer(
            *(package(*each.split("==")) for each in ("transformers==4.57.1", *packages))
        )
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(variables=variables)
        )

    hub = "huggingface-hub==0.35.3"
    yield of(Outcome.FAIL, hub, HF_HUB_ENABLE_HF_TRANSFER="1")
    yield of(Outcome.PASS, hub, "hf-transfer==0.1.9", HF_HUB_ENABLE_HF_TRANSFER="1")
    yield of(Outcome.SKIP, "huggingface-hub==1.2.0", HF_HUB_ENABLE_HF_TRANSFER="1")
    yield of(Outcome.SKIP, hub, HF_HUB_ENABLE_HF_TRANSFER="0")
    yield of(Outcome.FAIL, "vllm==0.11.0", VLLM_USE_MODELSCOPE="True")
    yield of(Outcome.SKIP, hub)
