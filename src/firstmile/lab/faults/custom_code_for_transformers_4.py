"""The model's own code skips the step that transformers 5 needs after the layers are made."""

from firstmile.lab.custom_code import write_custom_model
from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entry="custom-model-code-is-not-ready-for-transformers-5",
)


def run(bench: Workbench) -> None:
    """Load it."""
    from firstmile.lab.libraries import transformers

    folder = write_custom_model(bench.model(), parent="PreTrainedModel", ready=False)
    transformers.AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
