"""The model's own code imports a package that is not installed."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-2",
    sees=("custom-code-imports-a-missing-package",),
    command="vllm serve model --trust-remote-code",
)


def damage(folder: Path) -> None:
    """Bring such code."""
    with edited(folder / "config.json") as config:
        config["auto_map"] = {"AutoConfig": "configuration_acme.AcmeConfig"}
        config["model_type"] = "acme"
    (folder / "configuration_acme.py").write_text(
        "import einops\nfrom transformers import LlamaConfig\n\n\n"
        "class AcmeConfig(LlamaConfig):\n    model_type = 'acme'\n"
    )


def provoke(bench: Workbench) -> None:
    """Load it with its code allowed."""
    refused(bench, lambda: load(bench, trust_remote_code=True), "einops")
