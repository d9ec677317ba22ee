"""The vocabulary is split in a way that this llama.cpp does not know."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    stage="inference",
    entry="gguf-vocabulary-cannot-be-read",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Name a way of the future and load the file."""
    from firstmile.lab.libraries import llama_cpp

    llama_cpp.Llama(str(write_gguf(bench, pre_tokenizer="qwen9")))
