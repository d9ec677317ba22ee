"""The job runs offline, and the model was not downloaded before."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entry="hub-cannot-be-reached-and-nothing-is-cached",
)


def run(bench: Workbench) -> None:
    """Download while the offline mode is on."""
    bench.fresh(
        "from huggingface_hub import snapshot_download\n\nsnapshot_download('acme/tiny')\n",
        HF_HUB_OFFLINE="1",
    )
