"""The LoRA config names a block and not the layers in it."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    entry="lora-target-modules-do-not-exist-in-the-model",
)


def run(bench: Workbench) -> None:
    """Ask for the block."""
    from firstmile.lab.libraries import peft

    model, _ = bench.loaded()
    peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", target_modules=["mlp"]))
