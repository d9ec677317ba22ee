"""Loading in 4 bits is asked for where bitsandbytes is not installed."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="bitsandbytes-or-accelerate-is-missing-for-quantized-loading",
)


def run(bench: Workbench) -> None:
    """Load in 4 bits."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    transformers.AutoModelForCausalLM.from_pretrained(
        folder, quantization_config=transformers.BitsAndBytesConfig(load_in_4bit=True)
    )
