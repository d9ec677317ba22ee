"""A layer is skipped in the forward pass, and DDP waits for its gradient."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/operation-restriction",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="ddp-waits-for-parameters-that-took-no-part-in-the-loss",
)


def run(bench: Workbench) -> None:
    """Train two steps in which a layer is not used."""
    from firstmile.lab.libraries import torch

    class Sometimes(torch.nn.Module):  # type: ignore[misc] # torch is Any here
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)

        def forward(self, numbers: object) -> object:
            return self.used(numbers)

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        model = torch.nn.parallel.DistributedDataParallel(Sometimes())
        for _ in range(2):
            model(torch.ones(2, 4)).sum().backward()

    bench.ranks(2, work)
