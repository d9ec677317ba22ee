"""The LoRA config names the layers of another architecture."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    entry="lora-target-modules-do-not-exist-in-the-model",
)


def run(bench: Workbench) -> None:
    """Ask for layers that the model does not have."""
    from firstmile.lab.libraries import peft

    model, _ = bench.loaded()
    peft.get_peft_model(
        model, peft.LoraConfig(task_type="CAUSAL_LM", target_modules=["query_key_value", "W_pack"])
    )
