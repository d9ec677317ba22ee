"""A script imports from transformers what version 5 no longer has."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="code-imports-a-name-that-transformers-dropped",
)


def run(bench: Workbench) -> None:
    """Import an optimizer that moved to torch."""
    from firstmile.lab.libraries import transformers

    bench.say(transformers.__version__)
    bench.script("from transformers import AdamW, AutoModelForCausalLM\n")
