"""An old checkpoint was cloned without Git LFS: pytorch_model.bin is a pointer."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entry="checkpoint-is-a-pointer-or-a-web-page",
)


def run(bench: Workbench) -> None:
    """Put a pointer in the place of the weights and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    (folder / "model.safetensors").unlink()
    bench.put_pointer(folder / "pytorch_model.bin", size=4_976_698_672)
    transformers.AutoModelForCausalLM.from_pretrained(folder)
