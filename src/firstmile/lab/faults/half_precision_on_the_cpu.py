"""A half precision model is given orthogonal weights on the CPU, which has no kernel for it."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/operation-restriction",
    cause="environment/system-architecture",
    entry="half-precision-operator-is-missing-on-the-cpu",
)


def run(bench: Workbench) -> None:
    """Load in half precision and initialize anew."""
    from firstmile.lab.libraries import torch

    model, _ = bench.loaded(dtype=torch.float16)
    torch.nn.init.orthogonal_(model.lm_head.weight)
