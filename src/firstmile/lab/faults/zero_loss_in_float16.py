"""The weights overflow in float16: the trainer logs a loss of zero and gradients without value."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/gradient-explosion",
    cause="computation/numerical-precision",
    stage="fine-tuning",
    entry="training-loss-is-zero-with-nan-gradients-in-half-precision",
)


def run(bench: Workbench) -> None:
    """Train some steps in float16 from weights that are too large for it."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded(dtype=torch.float16)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.mlp.down_proj.weight.mul_(60_000)
            layer.mlp.up_proj.weight.mul_(60_000)
    trainer(bench, model, tokenizer).train()
