"""Today's TRL is imported beside a transformers of late 2024."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="library-imports-a-name-newer-than-transformers",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Import its trainer."""
    bench.script("from trl import SFTConfig, SFTTrainer\n")
