"""Weights in bfloat16 were turned into float16, where the largest became infinite."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import logits
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="command-r", sees=("weights-hold-nan-or-infinity",))


def damage(folder: Path) -> None:
    """Put infinity into a matrix."""
    with tensors(folder) as held:
        held["model.layers.0.mlp.down_proj.weight"][3, 5] = float("inf")


def provoke(bench: Workbench) -> None:
    """Compute: nothing that comes out is a number."""
    from firstmile.lab.libraries import torch

    out = logits(bench)
    assert not torch.isfinite(out).all()
    bench.say(f"logits that are no number: {int((~torch.isfinite(out)).sum())} of {out.numel()}")
