"""The GGUF file is a pointer of Git LFS."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    stage="inference",
    entry="gguf-file-is-a-pointer-or-incomplete",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Load the pointer."""
    from firstmile.lab.libraries import llama_cpp

    file = bench.folder / "model.gguf"
    bench.put_pointer(file, size=4_081_004_224)
    llama_cpp.Llama(str(file))
