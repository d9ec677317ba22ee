"""The job asks for NCCL, and this build of torch has none."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/cuda/communication",
    cause="environment/system-architecture",
    entry="nccl-is-missing-on-windows-or-mac",
)


def run(bench: Workbench) -> None:
    """Start a group with NCCL."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group("nccl")

    bench.ranks(1, work)
