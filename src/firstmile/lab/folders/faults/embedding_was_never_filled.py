"""A sharded training saved placeholders: the embedding holds nothing but zeros."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import logits
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("weights-are-all-zero",))


def damage(folder: Path) -> None:
    """Zero the embedding."""
    with tensors(folder) as held:
        held["model.embed_tokens.weight"].zero_()


def provoke(bench: Workbench) -> None:
    """Compute: all prompts lead to the same."""
    from firstmile.lab.libraries import torch

    out = logits(bench)
    assert torch.equal(out[0, 0], out[0, -1])
    bench.say("every position computes the same, whatever the prompt")
