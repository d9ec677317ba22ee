"""The config has the vocabulary of another release of the model."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-sequence",
    entry="vocabulary-of-checkpoint-and-model-differ",
)


def run(bench: Workbench) -> None:
    """Change the vocabulary in the config and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    with bench.edited(folder / "config.json") as config:
        config["vocab_size"] += 2
    transformers.AutoModelForCausalLM.from_pretrained(folder)
