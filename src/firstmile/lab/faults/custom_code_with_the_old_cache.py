"""The model's own code asks the cache for its length in a way that is gone."""

from firstmile.lab.custom_code import write_custom_model
from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/attribute-error",
    cause="environment/dependency-library",
    stage="inference",
    entry="custom-model-code-uses-a-cache-interface-that-is-gone",
)


def run(bench: Workbench) -> None:
    """Generate with it."""
    from firstmile.lab.libraries import transformers

    folder = write_custom_model(
        bench.model(), parent="PreTrainedModel, GenerationMixin", asks="get_usable_length(1)"
    )
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    model.generate(**tokenizer("The weather", return_tensors="pt"), max_new_tokens=5)
