"""A folder that holds a LoRA adapter is loaded as if it were a tokenizer and a model."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="folder-of-an-adapter-is-given-as-a-model",
)


def run(bench: Workbench) -> None:
    """Save an adapter and give its folder to what wants a whole model."""
    from firstmile.lab.libraries import peft, transformers

    model, _ = bench.loaded()
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM"))
    tuned.save_pretrained(bench.folder / "adapter")
    transformers.AutoConfig.from_pretrained(bench.folder / "adapter")
