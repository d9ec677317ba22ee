"""Activations are too large for float16: every logit is no number, and token 0 comes for ever."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="computation/numerical-precision",
    stage="inference",
    entry="float16-overflows-where-bfloat16-does-not",
    note="In float16 the output is garbage. With bfloat16 it works.",
)


def run(bench: Workbench) -> None:
    """Generate in both number types."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded("taught", dtype=torch.float32)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.mlp.up_proj.weight.mul_(30_000)
            layer.mlp.down_proj.weight.mul_(1 / 30_000)
    ids = tokenizer("The quick brown", return_tensors="pt")
    for dtype in (torch.bfloat16, torch.float16):
        out = model.to(dtype).generate(**ids, max_new_tokens=16, do_sample=False)
        bench.say(f"{dtype}: {tokenizer.decode(out[0])!r}")
