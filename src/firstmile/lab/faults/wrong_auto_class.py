"""A model that reads and writes is loaded by the class of those that only write."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="auto-class-does-not-hold-this-kind-of-model",
)


def run(bench: Workbench) -> None:
    """Save a T5 model and load it as a causal one."""
    from firstmile.lab.libraries import transformers

    folder = bench.folder / "t5"
    transformers.T5Config(d_model=32, d_ff=64, num_layers=1, num_heads=2).save_pretrained(folder)
    transformers.AutoModelForCausalLM.from_pretrained(folder)
