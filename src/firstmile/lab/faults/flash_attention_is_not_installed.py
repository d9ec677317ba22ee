"""The attention of the flash-attn package is asked for, and the package is not installed."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="flash-attention-is-asked-for-but-not-installed",
)


def run(bench: Workbench) -> None:
    """Load with it."""
    from firstmile.lab.libraries import transformers

    transformers.AutoModelForCausalLM.from_pretrained(
        bench.model(), attn_implementation="flash_attention_2"
    )
