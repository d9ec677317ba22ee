"""The model's own class inherits no generation since transformers 4.50."""

from firstmile.lab.custom_code import write_custom_model
from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/attribute-error",
    cause="environment/dependency-library",
    stage="inference",
    entry="custom-model-class-lost-its-generate-method",
)


def run(bench: Workbench) -> None:
    """Generate with it."""
    from firstmile.lab.libraries import transformers

    folder = write_custom_model(bench.model(), parent="PreTrainedModel")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    model.generate(**tokenizer("The weather", return_tensors="pt"), max_new_tokens=5)
