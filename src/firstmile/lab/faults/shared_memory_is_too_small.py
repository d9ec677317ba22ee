"""A worker of the data loader hits the end of shared memory, as in a container with 64 MB."""

import signal

from firstmile.lab.fault import Fault
from firstmile.lab.training import rows_that_end_a_worker
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/other",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="data-workers-die-of-bus-errors-in-shared-memory",
)


def run(bench: Workbench) -> None:
    """Let a worker die of a bus error."""
    from firstmile.lab.libraries import torch

    rows = rows_that_end_a_worker(signal.SIGBUS)
    for _ in torch.utils.data.DataLoader(rows, batch_size=2, num_workers=2):
        bench.say("one batch")
