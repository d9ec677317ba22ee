"""A training script asks for a newer transformers than there is."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="a-pinned-requirement-of-transformers-is-not-met",
)


def run(bench: Workbench) -> None:
    """Check the release as the example scripts do."""
    from firstmile.lab.libraries import transformers

    transformers.utils.check_min_version("9.0.0.dev0")
