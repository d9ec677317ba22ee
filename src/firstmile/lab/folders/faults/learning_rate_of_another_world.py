"""A learning rate of 0.5 destroys a language model within some steps."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("learning-rate-is-out-of-range",),
    command="python train.py --model_name_or_path model --bf16 True --learning_rate 0.5 "
    "--output_dir out",
)


def provoke(bench: Workbench) -> None:
    """Train some steps."""
    from firstmile.lab.libraries import torch

    model = load(bench, dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.5)
    batch = torch.tensor([[5, 6, 7, 8, 9, 10]])
    losses = []
    for _ in range(5):
        loss = model(batch, labels=batch).loss
        losses.append(round(float(loss), 2))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert not losses[-1] < losses[0], losses
    bench.say(f"losses: {losses}")
