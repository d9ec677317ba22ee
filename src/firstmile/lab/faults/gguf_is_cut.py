"""The download of the GGUF file broke off."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    stage="inference",
    entry="gguf-file-is-a-pointer-or-incomplete",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Cut the file and load it."""
    from firstmile.lab.libraries import llama_cpp

    file = write_gguf(bench)
    file.write_bytes(file.read_bytes()[:-100_000])
    llama_cpp.Llama(str(file))
