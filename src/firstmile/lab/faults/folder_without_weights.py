"""The download brought the configs and the tokenizer, and no weights."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="folder-holds-no-weights-that-transformers-reads",
)


def run(bench: Workbench) -> None:
    """Remove the weights and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    (folder / "model.safetensors").unlink()
    transformers.AutoModelForCausalLM.from_pretrained(folder)
