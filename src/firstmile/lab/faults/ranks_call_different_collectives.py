"""One rank evaluates while the other goes on training, and each waits for the other."""

import datetime
import time

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/communication",
    cause="distributed/synchronization",
    stage="fine-tuning",
    entry="gloo-collective-waits-for-a-rank-that-does-not-come",
)


def run(bench: Workbench) -> None:
    """Let one rank reduce and the other do something else."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo", timeout=datetime.timedelta(seconds=3))
        if rank == 0:
            torch.distributed.all_reduce(torch.ones(4))
        else:
            time.sleep(6)

    bench.ranks(2, work)
