"""The trained weights themselves are float16, which the gradient scaler refuses."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="trained-weights-are-float16-under-fp16-training",
)


def run(bench: Workbench) -> None:
    """Train one step with a scaler."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded(dtype=torch.float16)
    scaler = torch.amp.GradScaler("cpu")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    ids = tokenizer("The weather in Paris", return_tensors="pt")
    scaler.scale(model(**ids, labels=ids["input_ids"]).loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
