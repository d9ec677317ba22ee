"""The config says another hidden size than the weights have."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="weights-belong-to-another-model-or-size",
)


def run(bench: Workbench) -> None:
    """Change the size in the config and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    with bench.edited(folder / "config.json") as config:
        config["intermediate_size"] = 192
    transformers.AutoModelForCausalLM.from_pretrained(folder)
