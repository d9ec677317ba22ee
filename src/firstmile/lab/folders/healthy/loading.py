"""Folders that load as they are, on machines of all kinds."""

from collections.abc import Mapping
from typing import Final

from firstmile.lab.folders.fault import Healthy

HEALTHY: Final[Mapping[str, Healthy]] = {
    "command-r-alone": Healthy(base="command-r", machine="server"),
    "falcon-alone": Healthy(base="falcon"),
    "gpt-2-on-a-laptop": Healthy(base="gpt-2", machine="laptop"),
    "gpt-2-on-a-mac": Healthy(base="gpt-2", machine="mac"),
    "gpt-neox-alone": Healthy(base="gpt-neox"),
    "granite-alone": Healthy(base="granite", machine="four_gpus"),
    "llama-3-of-2024-with-the-newest-libraries": Healthy(base="llama-3-of-2024", machine="newest"),
    "llama-4-alone": Healthy(base="llama-4", machine="server"),
    "mamba-alone": Healthy(base="mamba"),
    "olmo-2-alone": Healthy(base="olmo-2"),
    "qwen-2-adapter-alone": Healthy(base="qwen-2-lora"),
    "smollm-3-alone": Healthy(base="smollm-3"),
    "starcoder-2-alone": Healthy(base="starcoder-2"),
}
