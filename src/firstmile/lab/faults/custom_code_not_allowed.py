"""The model comes with code of its own, and nobody said that it may run."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="custom-model-code-was-not-allowed",
)


def run(bench: Workbench) -> None:
    """Point the config to own code and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    with bench.edited(folder / "config.json") as config:
        config["model_type"] = "tiny_chat"
        config["auto_map"] = {
            "AutoConfig": "configuration_tiny.TinyConfig",
            "AutoModelForCausalLM": "modeling_tiny.TinyForCausalLM",
        }
    transformers.AutoModelForCausalLM.from_pretrained(folder)
