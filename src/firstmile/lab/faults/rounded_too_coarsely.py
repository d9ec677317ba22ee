"""The weights were rounded to three values, and only shreds of words come out."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    stage="inference",
    entry="quantized-weights-give-garbage",
    note="After quantization to int4 the model only answers gibberish.",
)


def run(bench: Workbench) -> None:
    """Round the weights and generate."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded("taught")
    with torch.no_grad():
        for weight in model.parameters():
            scale = weight.abs().max()
            weight.copy_((weight / scale).round() * scale)
    ids = tokenizer("The quick brown", return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=24, do_sample=False)
    bench.say(ascii(tokenizer.decode(out[0])))
