"""A merge left the matrices of one layer at zero, so that the layer does nothing."""

from pathlib import Path

from firstmile.lab.folders.editing import edited, tensors
from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import logits
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("weights-are-all-zero",))


def damage(folder: Path) -> None:
    """Zero a layer's matrices."""
    with tensors(folder) as held:
        for name, value in held.items():
            if ".layers.1." in name and "norm" not in name:
                value.zero_()


def provoke(bench: Workbench) -> None:
    """Compute without that layer: the same comes out."""
    from firstmile.lab.libraries import torch

    before = logits(bench)
    with edited(bench.folder / MODEL / "config.json") as config:
        config["num_hidden_layers"] = 1
    assert torch.allclose(before, logits(bench), atol=1e-5)
    bench.say("the layer changes nothing")
