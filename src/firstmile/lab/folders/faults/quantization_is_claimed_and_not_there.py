"""The config of a GPTQ model lies beside the plain weights."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3", sees=("quantization-config-finds-plain-tensors",))


def damage(folder: Path) -> None:
    """Claim it."""
    with edited(folder / "config.json") as config:
        config["quantization_config"] = {
            "quant_method": "gptq",
            "bits": 4,
            "group_size": 128,
            "desc_act": False,
        }
