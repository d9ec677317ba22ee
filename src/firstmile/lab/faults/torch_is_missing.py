"""The environment has transformers and no torch."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="torch-is-missing-or-too-old-for-transformers",
)


def run(bench: Workbench) -> None:
    """Hide torch and load a model."""
    bench.model()
    bench.fresh(
        "from transformers import AutoModelForCausalLM\n\n"
        "AutoModelForCausalLM.from_pretrained('model')\n",
        hidden=["torch"],
    )
