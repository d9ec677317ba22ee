"""The disk is full before the checkpoint is written."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="hardware/cpu-memory",
    stage="fine-tuning",
    entry="disk-is-full-while-files-are-written",
)


def run(bench: Workbench) -> None:
    """Save into a file system of 64 kB."""
    small = bench.folder / "output"
    bench.mount(small, kib=64)
    model, _ = bench.loaded()
    model.save_pretrained(small / "checkpoint-20")
