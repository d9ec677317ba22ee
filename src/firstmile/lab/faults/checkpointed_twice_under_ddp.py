"""A layer runs twice under reentrant checkpointing, and DDP counts its parameters twice."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/operation-restriction",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="ddp-counts-a-checkpointed-parameter-twice",
)


def run(bench: Workbench) -> None:
    """Train one step."""
    from firstmile.lab.libraries import torch

    class Twice(torch.nn.Module):  # type: ignore[misc] # torch is Any here
        def __init__(self) -> None:
            super().__init__()
            self.first, self.shared = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)

        def forward(self, numbers: object) -> object:
            checkpoint = torch.utils.checkpoint.checkpoint
            once = checkpoint(self.shared, self.first(numbers), use_reentrant=True)
            return checkpoint(self.shared, once, use_reentrant=True)

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        model = torch.nn.parallel.DistributedDataParallel(Twice())
        model(torch.ones(2, 4)).sum().backward()

    bench.ranks(2, work)
