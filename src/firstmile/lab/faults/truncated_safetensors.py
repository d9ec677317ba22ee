"""The weights' safetensors file lost its end, as after a broken download."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/safetensors",
    entry="safetensors-file-is-truncated",
)


def run(bench: Workbench) -> None:
    """Cut the file and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:60_000])
    transformers.AutoModelForCausalLM.from_pretrained(folder)
