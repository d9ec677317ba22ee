"""The collator masked every token, so that there is nothing to learn."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="training-loss-is-zero-because-no-token-has-a-label",
)


def run(bench: Workbench) -> None:
    """Train some steps."""
    model, tokenizer = bench.loaded()
    trainer(bench, model, tokenizer, mask_all=True).train()
