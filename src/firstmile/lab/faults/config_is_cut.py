"""The config.json was cut in the middle while it was written."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/config-file",
    entry="json-file-of-the-model-does-not-parse",
)


def run(bench: Workbench) -> None:
    """Cut the config and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    config = folder / "config.json"
    config.write_text(config.read_text()[:200])
    transformers.AutoModelForCausalLM.from_pretrained(folder)
