"""The model has two files, and the second was not downloaded."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    stage="inference",
    entry="gguf-part-is-missing-or-not-the-first",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Load the first of two files."""
    from firstmile.lab.libraries import llama_cpp

    file = write_gguf(bench, name="model-00001-of-00002.gguf", parts=2)
    llama_cpp.Llama(str(file))
