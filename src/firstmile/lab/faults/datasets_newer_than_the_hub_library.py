"""Today's datasets library stands beside a huggingface_hub of before 2026."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="huggingface-hub-does-not-fit-its-users",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Import it."""
    bench.script("import datasets\n\nprint(datasets.__version__)\n")
