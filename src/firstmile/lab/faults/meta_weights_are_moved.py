"""The model was built without memory for its weights, and then moved."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/operation-restriction",
    cause="api/call-sequence",
    entry="model-with-offloaded-parts-is-moved",
)


def run(bench: Workbench) -> None:
    """Build on the meta device and move the model."""
    from firstmile.lab.libraries import torch, transformers

    config = transformers.AutoConfig.from_pretrained(bench.model())
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    model.to("cpu")
