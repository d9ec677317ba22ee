"""The process may not take the memory that the model needs."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="hardware/cpu-memory",
    entry="host-memory-allocation-was-refused",
)


def run(bench: Workbench) -> None:
    """Limit the address space and make room for a large model."""
    from firstmile.lab.libraries import transformers

    folder = bench.folder / "large"
    config = transformers.LlamaConfig(hidden_size=4096, num_hidden_layers=8, vocab_size=128_256)
    config.save_pretrained(folder)
    bench.limit_memory(1_000)
    transformers.AutoModelForCausalLM.from_config(config)
