"""The config names Python files of the model's own that are not in the folder."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("auto-map-names-a-file-that-is-missing",))


def damage(folder: Path) -> None:
    """Name them."""
    with edited(folder / "config.json") as config:
        config["model_type"] = "acme"
        config["architectures"] = ["AcmeForCausalLM"]
        config["auto_map"] = {
            "AutoConfig": "configuration_acme.AcmeConfig",
            "AutoModelForCausalLM": "modeling_acme.AcmeForCausalLM",
        }


def provoke(bench: Workbench) -> None:
    """Load it with its code allowed."""
    refused(bench, lambda: load(bench, trust_remote_code=True), "configuration_acme")
