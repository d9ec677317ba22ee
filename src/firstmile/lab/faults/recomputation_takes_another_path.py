"""A checkpointed layer computes something else when it is run again."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/other",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="recomputed-activations-differ-from-the-first-pass",
)


def run(bench: Workbench) -> None:
    """Train one step."""
    from firstmile.lab.libraries import torch

    calls: list[int] = []

    def layer(numbers: object) -> object:
        calls.append(1)
        wide = torch.ones(4, 8 if len(calls) == 1 else 6, requires_grad=True)
        return (numbers @ wide).exp().sum(dim=-1, keepdim=True)

    numbers = torch.ones(2, 4, requires_grad=True)
    torch.utils.checkpoint.checkpoint(layer, numbers, use_reentrant=False).sum().backward()
