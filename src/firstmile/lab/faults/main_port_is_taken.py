"""Another job on the machine has the port at which the ranks meet."""

import socket

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/communication",
    cause="configuration/fine-tuning",
    entry="master-port-is-already-in-use",
)


def run(bench: Workbench) -> None:
    """Take the port and start a rank."""
    from firstmile.lab.libraries import torch

    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()

        def work(rank: int) -> None:
            torch.distributed.init_process_group("gloo")

        bench.ranks(1, work, port=taken.getsockname()[1])
