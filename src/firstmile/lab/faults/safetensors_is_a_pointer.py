"""The repository was cloned without Git LFS: the weights are a pointer of three lines."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/safetensors",
    entry="safetensors-file-is-a-pointer-or-not-a-safetensors-file",
)


def run(bench: Workbench) -> None:
    """Put a pointer in the place of the weights and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    bench.put_pointer(folder / "model.safetensors", size=4_976_698_672)
    transformers.AutoModelForCausalLM.from_pretrained(folder)
