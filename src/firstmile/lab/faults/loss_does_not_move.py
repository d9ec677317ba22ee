"""The learning rate is so small that nothing is learnt."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="loss-does-not-fall-in-fine-tuning",
    note="训练了很多步，loss 一直不下降。",
)


def run(bench: Workbench) -> None:
    """Train with it."""
    trainer(bench, *bench.loaded(), learning_rate=1e-12, max_steps=8).train()
