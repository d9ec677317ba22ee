"""The build of torch is for the CPU only, and the model is sent to a GPU."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/other",
    cause="environment/cuda-version",
    entry="torch-was-installed-without-cuda",
)


def run(bench: Workbench) -> None:
    """Send the model to a GPU."""
    model, _ = bench.loaded()
    model.to("cuda")
