"""Parts of the model were offloaded to the disk, and then the model is moved."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/operation-restriction",
    cause="api/call-sequence",
    entry="model-with-offloaded-parts-is-moved",
)


def run(bench: Workbench) -> None:
    """Load with a device map and move the model."""
    from firstmile.lab.libraries import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(
        bench.model(),
        device_map={"model": "cpu", "lm_head": "disk"},
        offload_folder=str(bench.folder / "offload"),
    )
    model.to("cpu")
