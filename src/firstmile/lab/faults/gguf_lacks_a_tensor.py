"""The conversion left a tensor out."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    stage="inference",
    entry="gguf-tensors-are-not-what-the-engine-expects",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Leave a tensor out and load the file."""
    from firstmile.lab.libraries import llama_cpp

    llama_cpp.Llama(str(write_gguf(bench, without=["blk.1.ffn_up.weight"])))
