"""Parts of the model lie on the disk and are read anew for every token."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="slow/inference",
    cause="hardware/gpu-memory",
    stage="inference",
    entry="layers-were-offloaded-because-the-gpu-is-too-small",
    note="Generation is very slow, below one token per second.",
)


def run(bench: Workbench) -> None:
    """Load with layers on the disk."""
    from firstmile.lab.libraries import transformers

    transformers.AutoModelForCausalLM.from_pretrained(
        bench.model(),
        device_map={"model": "cpu", "lm_head": "disk"},
        offload_folder=str(bench.folder / "offload"),
    )
