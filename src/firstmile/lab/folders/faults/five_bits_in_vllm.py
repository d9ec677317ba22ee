"""A GPTQ model has 5 bits a number, for which vLLM has no kernel."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-gptq",
    sees=("quantization-of-these-bits-is-not-served",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """State the bits."""
    with edited(folder / "config.json") as config:
        config["quantization_config"]["bits"] = 5
