"""A device map is asked for where accelerate is not installed."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="accelerate-is-missing-or-too-old",
)


def run(bench: Workbench) -> None:
    """Hide the package and load with a device map."""
    bench.model()
    bench.fresh(
        "from transformers import AutoModelForCausalLM\n\n"
        "AutoModelForCausalLM.from_pretrained('model', device_map='auto')\n",
        hidden=["accelerate"],
    )
