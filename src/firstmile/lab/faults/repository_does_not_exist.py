"""The Hub has no repository of the name that was asked for."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_hub import NOT_FOUND, hub
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="repository-name-does-not-exist",
)


def run(bench: Workbench) -> None:
    """Ask a Hub that refuses every name."""
    with hub(refusal=NOT_FOUND) as address:
        bench.fresh(
            "from transformers import AutoConfig\n\n"
            "config = AutoConfig.from_pretrained('acme/llama-9-instruct')\n",
            HF_ENDPOINT=address,
        )
