"""The generation config names a temperature without sampling, and saving refuses it."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="generation-config-contradicts-itself-on-saving",
)


def run(bench: Workbench) -> None:
    """Save the model."""
    model, _ = bench.loaded()
    model.generation_config.do_sample = False
    model.generation_config.temperature = 0.6
    model.generation_config.top_p = 0.95
    model.save_pretrained(bench.folder / "out")
