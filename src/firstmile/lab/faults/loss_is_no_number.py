"""A weight of the checkpoint is no number, so that the loss is none from the first step on."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/convergence",
    cause="computation/numerical-precision",
    stage="fine-tuning",
    entry="training-loss-is-nan-from-the-start",
)


def run(bench: Workbench) -> None:
    """Train some steps with a loop of one's own."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded()
    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[0, 0] = float("nan")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for step, text in enumerate(bench.rows(6)):
        ids = tokenizer(text, return_tensors="pt")
        loss = model(**ids, labels=ids["input_ids"]).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        bench.say(f"step {step} loss: {loss.item():.4f}")
