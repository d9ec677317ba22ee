"""A worker of the data loader hits the end of shared memory, as in a container with 64 MB."""

import os
import signal

from firstmile.lab.fault import Fault
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

    class Rows(torch.utils.data.Dataset):  # type: ignore[misc] # torch is Any here
        def __len__(self) -> int:
            return 8

        def __getitem__(self, place: int) -> object:
            if place == 5:
                os.kill(os.getpid(), signal.SIGBUS)
            return torch.zeros(4)

    for _ in torch.utils.data.DataLoader(Rows(), batch_size=2, num_workers=2):
        bench.say("one batch")
