"""A merge of experts wrote seven of eight, and the config still states eight."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import logits
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3-moe", sees=("tensors-of-the-architecture-are-missing",))


def damage(folder: Path) -> None:
    """Remove the last expert of a layer."""
    with tensors(folder) as held:
        for name in [name for name in held if ".layers.1.mlp.experts.7." in name]:
            del held[name]


def provoke(bench: Workbench) -> None:
    """Load it."""
    from firstmile.lab.libraries import torch

    torch.manual_seed(1)
    try:
        first = logits(bench)
    except Exception as error:
        bench.say(f"refused: {error}")
        return
    torch.manual_seed(2)
    assert not torch.equal(first, logits(bench)), "the same both times"
    bench.say("two loads of the same folder compute different numbers")
