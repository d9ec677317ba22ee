"""The training diverged before its last checkpoint: a norm holds NaN, and so does every answer."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import written
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("weights-hold-nan-or-infinity",))


def damage(folder: Path) -> None:
    """Fill the last norm with NaN."""
    with tensors(folder) as held:
        held["model.norm.weight"][:] = float("nan")


def provoke(bench: Workbench) -> None:
    """Generate: nothing but token 0 comes out."""
    said = written(bench, eos_token_id=None)
    assert set(said) == {0}, said
    bench.say(f"tokens: {said}")
