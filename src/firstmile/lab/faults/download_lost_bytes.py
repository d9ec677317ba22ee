"""The connection broke before the end of the file, again and again."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_hub import hub
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/safetensors",
    entry="download-does-not-have-the-expected-size",
)


def run(bench: Workbench) -> None:
    """Download from a Hub that leaves out the end."""
    with hub({"model.safetensors": bytes(100_000)}, lost_bytes=1_000) as address:
        bench.fresh(
            "from huggingface_hub import hf_hub_download\n\n"
            "hf_hub_download('acme/tiny', 'model.safetensors')\n",
            HF_ENDPOINT=address,
            HF_HUB_DISABLE_XET="1",
        )
