"""Nothing answers at the address of the Hub, and nothing is cached."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entry="hub-cannot-be-reached-and-nothing-is-cached",
)


def run(bench: Workbench) -> None:
    """Ask a port on which nothing listens."""
    bench.fresh(
        "from transformers import AutoConfig\n\nconfig = AutoConfig.from_pretrained('acme/tiny')\n",
        HF_ENDPOINT=f"http://127.0.0.1:{bench.free_port()}",
    )
