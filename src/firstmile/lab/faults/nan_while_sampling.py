"""The weights hold values that are no numbers, and the next token is drawn from them."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/invalid-value",
    cause="computation/numerical-precision",
    stage="inference",
    entry="sampling-meets-inf-or-nan-probabilities",
)


def run(bench: Workbench) -> None:
    """Spoil a layer and generate with sampling."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded()
    with torch.no_grad():
        model.model.layers[1].mlp.down_proj.weight[:] = float("nan")
    ids = tokenizer("The weather in Paris", return_tensors="pt")
    model.generate(**ids, max_new_tokens=20, do_sample=True)
