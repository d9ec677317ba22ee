"""The checkpoint was quantized by a method that this transformers does not know."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    entry="quantization-type-is-not-known-to-transformers",
)


def run(bench: Workbench) -> None:
    """Name a method of the future in the config and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    with bench.edited(folder / "config.json") as config:
        config["quantization_config"] = {"quant_method": "trellis9", "bits": 3}
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The weather in Paris", return_tensors="pt")
    bench.say(tokenizer.decode(model.generate(**ids, max_new_tokens=20, do_sample=False)[0]))
