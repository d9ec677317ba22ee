"""The job is to have two ranks, and only one of them was started."""

import datetime

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/communication",
    cause="distributed/synchronization",
    entry="a-node-did-not-come-to-the-rendezvous",
)


def run(bench: Workbench) -> None:
    """Wait for a rank that does not come."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group(
            "gloo", world_size=2, timeout=datetime.timedelta(seconds=4)
        )

    bench.ranks(1, work)
