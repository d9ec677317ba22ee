"""A library from before huggingface_hub 0.26 imports a function that is gone."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="huggingface-hub-does-not-fit-its-users",
)


def run(bench: Workbench) -> None:
    """Import it."""
    bench.script("from huggingface_hub import HfFolder, cached_download\n")
