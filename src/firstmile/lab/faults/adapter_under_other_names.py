"""The adapter was saved under names that the model does not have, and stays as it was made."""

import importlib

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    entry="tuned-model-answers-like-the-base-model",
    note="The tuned model gives exactly the same answers as the base model.",
)


def run(bench: Workbench) -> None:
    """Rename the adapter's weights and load them."""
    from firstmile.lab.libraries import peft

    safetensors = importlib.import_module("safetensors.torch")
    model, tokenizer = bench.loaded("taught")
    folder = bench.folder / "adapter"
    peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM")).save_pretrained(folder)
    weights = safetensors.load_file(folder / "adapter_model.safetensors")
    renamed = {name.replace("self_attn", "attention"): held for name, held in weights.items()}
    safetensors.save_file(renamed, folder / "adapter_model.safetensors")
    tuned = peft.PeftModel.from_pretrained(bench.reloaded("taught"), folder)
    ids = tokenizer("The quick brown", return_tensors="pt")
    out = tuned.generate(**ids, max_new_tokens=20, do_sample=False)
    bench.say(tokenizer.decode(out[0], skip_special_tokens=True))
