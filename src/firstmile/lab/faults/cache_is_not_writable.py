"""The cache folder belongs to another account."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_hub import hub
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entry="cache-folder-cannot-be-written",
)


def run(bench: Workbench) -> None:
    """Take the right to write away and download."""
    cache = bench.folder / ".home" / "huggingface"
    cache.mkdir(parents=True)
    cache.chmod(0o500)
    bench.without_root_power()
    with hub({"config.json": b"{}"}) as address:
        bench.fresh(
            "from huggingface_hub import hf_hub_download\n\n"
            "print(hf_hub_download('acme/tiny', 'config.json'))\n",
            HF_ENDPOINT=address,
        )
