"""The config names an architecture that this release of transformers does not have."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entry="model-type-is-newer-than-transformers",
)


def run(bench: Workbench) -> None:
    """Name a model type of the future and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model("qwen2")
    with bench.edited(folder / "config.json") as config:
        config["model_type"] = "qwen9_moe"
        config["architectures"] = ["Qwen9MoeForCausalLM"]
    transformers.AutoModelForCausalLM.from_pretrained(folder)
