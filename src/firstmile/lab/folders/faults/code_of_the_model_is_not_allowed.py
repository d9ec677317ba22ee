"""The model brings code of its own, and the server is started without the permission to run it."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-2",
    sees=("custom-code-is-needed-but-not-allowed",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Bring the code."""
    with edited(folder / "config.json") as config:
        config["model_type"] = "acme"
        config["architectures"] = ["AcmeForCausalLM"]
        config["auto_map"] = {"AutoConfig": "configuration_acme.AcmeConfig"}
    (folder / "configuration_acme.py").write_text(
        "from transformers import LlamaConfig\n\n\n"
        "class AcmeConfig(LlamaConfig):\n    model_type = 'acme'\n"
    )


def provoke(bench: Workbench) -> None:
    """Load it without the permission."""
    refused(bench, lambda: load(bench, trust_remote_code=False), "trust_remote_code", "custom code")
