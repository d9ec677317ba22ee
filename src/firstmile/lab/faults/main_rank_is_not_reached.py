"""The second machine cannot reach the first: a wrong address or a firewall."""

import datetime

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/communication",
    cause="distributed/synchronization",
    entry="a-node-did-not-come-to-the-rendezvous",
)


def run(bench: Workbench) -> None:
    """Connect to a port on which nothing listens."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group(
            "gloo", rank=1, world_size=2, timeout=datetime.timedelta(seconds=4)
        )

    bench.ranks(1, work)
