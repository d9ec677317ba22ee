"""A GPTQ model is loaded by transformers without the package that unpacks it."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(base="llama-3-gptq", sees=("quantization-back-end-is-missing",))


def provoke(bench: Workbench) -> None:
    """Load it: this environment lacks the package as well."""
    refused(bench, lambda: load(bench), "optimum", "gptq", "GPTQ")


def machine() -> "Environment":
    """Return a computer without the package."""
    from firstmile.lab.folders import machines

    missing = ("gptqmodel", "optimum", "auto-gptq", "vllm", "sglang")
    return machines.workstation(without=missing)
