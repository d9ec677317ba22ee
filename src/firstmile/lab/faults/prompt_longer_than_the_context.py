"""The prompt has more tokens than the context was made for."""

from firstmile.lab.fault import Fault
from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/inference",
    stage="inference",
    entry="prompt-is-longer-than-the-context-of-llama-cpp",
    needs=("llama_cpp",),
)


def run(bench: Workbench) -> None:
    """Make a small context and give it a long prompt."""
    from firstmile.lab.libraries import llama_cpp

    engine = llama_cpp.Llama(str(write_gguf(bench)), n_ctx=64)
    engine(" ".join(bench.rows(12)), max_tokens=8)
