"""The config scales its positions in a way that this transformers does not know."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entry="rope-scaling-of-the-config-is-newer-than-transformers",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Write the scaling and load the config."""
    from firstmile.lab.libraries import transformers

    folder = bench.folder / "phi"
    transformers.Phi3Config(hidden_size=64, num_attention_heads=4).save_pretrained(folder)
    with bench.edited(folder / "config.json") as config:
        config["rope_scaling"] = {"type": "llama3", "short_factor": [1.0], "long_factor": [1.0]}
    transformers.AutoModelForCausalLM.from_pretrained(folder)
