"""The pytorch_model.bin of an old checkpoint lost its end."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entry="checkpoint-archive-is-truncated",
)


def run(bench: Workbench) -> None:
    """Save in the old form, cut the file and load the model."""
    from firstmile.lab.libraries import torch, transformers

    model, _ = bench.loaded()
    folder = bench.model()
    (folder / "model.safetensors").unlink()
    weights = folder / "pytorch_model.bin"
    torch.save(model.state_dict(), weights)
    weights.write_bytes(weights.read_bytes()[:-40_000])
    transformers.AutoModelForCausalLM.from_pretrained(folder)
