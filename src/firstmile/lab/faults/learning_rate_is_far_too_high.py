"""The learning rate is a thousand times too high, and the gradients explode."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/gradient-explosion",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="gradients-explode-because-the-learning-rate-is-too-high",
)


def run(bench: Workbench) -> None:
    """Train some steps."""
    model, tokenizer = bench.loaded()
    trainer(bench, model, tokenizer, learning_rate=50.0, max_grad_norm=0.0).train()
