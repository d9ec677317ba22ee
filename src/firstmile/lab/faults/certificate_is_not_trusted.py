"""A proxy answers in the place of the Hub with a certificate of its own."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_hub import hub, self_signed
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entry="certificate-of-the-proxy-is-not-trusted",
)


def run(bench: Workbench) -> None:
    """Ask a Hub with a certificate that nobody signed."""
    with hub(certificate=self_signed(bench.folder)) as address:
        bench.fresh(
            "from huggingface_hub import hf_hub_download\n\n"
            "hf_hub_download('acme/tiny', 'config.json')\n",
            HF_ENDPOINT=address,
        )
