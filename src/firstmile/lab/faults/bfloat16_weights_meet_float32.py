"""The output layer was kept in float32 while the rest is bfloat16, and training multiplies both."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/dtype-mismatch",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="qlora-training-mixes-float32-with-half-precision",
)


def run(bench: Workbench) -> None:
    """Train some steps."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded(dtype=torch.bfloat16)
    model.lm_head.to(torch.float32)
    trainer(bench, model, tokenizer).train()
