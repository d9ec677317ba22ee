"""The file is in the form of before GGUF."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/compatibility",
    stage="inference",
    entry="weight-file-is-in-an-old-ggml-format",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Load it."""
    from firstmile.lab.libraries import llama_cpp

    file = bench.folder / "ggml-model-q4_0.bin"
    file.write_bytes(b"tjgg" + (3).to_bytes(4, "little") + bytes(4_000))
    llama_cpp.Llama(str(file))
