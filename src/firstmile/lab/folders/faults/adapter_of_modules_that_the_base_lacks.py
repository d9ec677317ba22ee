"""The adapter changes modules that its base calls otherwise, and is passed over in silence."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import logits
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2-lora", sees=("adapter-does-not-fit-its-base",))


def damage(folder: Path) -> None:
    """Name its modules as GPT-2 does."""
    with tensors(folder, "adapter_model.safetensors") as held:
        for name in list(held):
            held[name.replace("self_attn.q_proj", "attn.c_attn")] = held.pop(name)


def provoke(bench: Workbench) -> None:
    """Load it: what is named otherwise is passed over, with a warning at most."""
    logits(bench)
    bench.say("it loads and computes without these matrices")
