"""The checkpoint lacks half of each layer, which is filled with random numbers."""

import importlib

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="environment/dependency-library",
    entry="weights-were-left-random-while-loading",
    note="The output makes no sense.",
)


def run(bench: Workbench) -> None:
    """Leave layers out of the checkpoint and load it."""
    from firstmile.lab.libraries import transformers

    safetensors = importlib.import_module("safetensors.torch")
    folder = bench.model("taught")
    weights = safetensors.load_file(folder / "model.safetensors")
    kept = {name: held for name, held in weights.items() if ".mlp." not in name}
    safetensors.save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The quick brown", return_tensors="pt")
    bench.say(tokenizer.decode(model.generate(**ids, max_new_tokens=12, do_sample=False)[0]))
