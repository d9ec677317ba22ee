"""The kernel killed a worker of the data loader, since memory was short."""

import signal

from firstmile.lab.fault import Fault
from firstmile.lab.training import rows_that_end_a_worker
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/process-killed",
    cause="hardware/cpu-memory",
    entry="process-was-killed-for-lack-of-main-memory",
)


def run(bench: Workbench) -> None:
    """Let a worker be killed."""
    from firstmile.lab.libraries import torch

    rows = rows_that_end_a_worker(signal.SIGKILL)
    for _ in torch.utils.data.DataLoader(rows, batch_size=2, num_workers=2):
        bench.say("one batch")
