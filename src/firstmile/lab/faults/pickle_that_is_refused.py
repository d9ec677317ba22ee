"""The checkpoint is a pickle of whole objects, which torch 2.6 and later refuse to read."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entry="torch-load-weights-only-refuses-the-file",
)


def run(bench: Workbench) -> None:
    """Save a whole model and read it as torch does now."""
    from firstmile.lab.libraries import torch

    model, _ = bench.loaded()
    torch.save(model, bench.folder / "model.pt")
    torch.load(bench.folder / "model.pt")
