"""The GGUF file holds a model that this llama.cpp does not know."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    stage="inference",
    entry="gguf-architecture-is-unknown-to-this-llama-cpp",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Name an architecture of the future and load the file."""
    from firstmile.lab.libraries import llama_cpp

    llama_cpp.Llama(str(write_gguf(bench, architecture="llama9")))
