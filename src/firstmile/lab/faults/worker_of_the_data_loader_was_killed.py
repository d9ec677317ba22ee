"""The kernel killed a worker of the data loader, since memory was short."""

import os
import signal

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/process-killed",
    cause="hardware/cpu-memory",
    entry="process-was-killed-for-lack-of-main-memory",
)


def run(bench: Workbench) -> None:
    """Let a worker be killed."""
    from firstmile.lab.libraries import torch

    class Rows(torch.utils.data.Dataset):  # type: ignore[misc] # torch is Any here
        def __len__(self) -> int:
            return 8

        def __getitem__(self, place: int) -> object:
            if place == 5:
                os.kill(os.getpid(), signal.SIGKILL)
            return torch.zeros(4)

    for _ in torch.utils.data.DataLoader(Rows(), batch_size=2, num_workers=2):
        bench.say("one batch")
