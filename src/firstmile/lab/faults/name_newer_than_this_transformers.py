"""A script of 2025 imports a class that transformers 4.46 does not have."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="library-imports-a-name-newer-than-transformers",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Import it."""
    bench.script("from transformers import AutoTokenizer, Qwen3ForCausalLM\n")
