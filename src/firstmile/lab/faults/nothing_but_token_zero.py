"""NaN in the weights: greedy decoding takes token 0 for ever, which is an exclamation mark."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    stage="inference",
    entry="quantized-model-prints-only-exclamation-marks",
    note="The quantized model outputs only exclamation marks.",
)


def run(bench: Workbench) -> None:
    """Spoil a weight and generate greedily."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded("taught")
    with torch.no_grad():
        model.model.layers[0].mlp.down_proj.weight[0, 0] = float("nan")
    ids = tokenizer("The quick brown", return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=24, do_sample=False)
    first = ids["input_ids"].shape[1]
    bench.say("".join("!" if token == 0 else tokenizer.decode([token]) for token in out[0, first:]))
