"""A model type of 2025 is loaded by a transformers of 2024."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entry="model-type-is-newer-than-transformers",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Name the type and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model("qwen2")
    with bench.edited(folder / "config.json") as config:
        config["model_type"] = "qwen3"
        config["architectures"] = ["Qwen3ForCausalLM"]
    transformers.AutoModelForCausalLM.from_pretrained(folder)
