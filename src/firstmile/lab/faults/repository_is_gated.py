"""The repository is gated, and this account was not let in."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_hub import GATED, hub
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="access-to-a-gated-repository-is-missing",
)


def run(bench: Workbench) -> None:
    """Ask a Hub that lets nobody in."""
    with hub(refusal=GATED) as address:
        bench.fresh(
            "from transformers import AutoTokenizer\n\n"
            "tokenizer = AutoTokenizer.from_pretrained('acme/tiny')\n",
            HF_ENDPOINT=address,
        )
