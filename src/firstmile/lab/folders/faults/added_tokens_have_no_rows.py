"""Tokens were added to the tokenizer for a training, and the embedding was never resized."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("added-token-has-no-row-in-the-embedding",))


def damage(folder: Path) -> None:
    """Add tokens beyond the last row."""
    with edited(folder / "tokenizer.json") as held:
        for number in range(60):
            token = {"id": 400 + number, "content": f"<|tool_{number}|>"}
            held["added_tokens"].append({**held["added_tokens"][-1], **token})


def provoke(bench: Workbench) -> None:
    """Give the model such a token."""
    from firstmile.lab.libraries import torch

    tokenizer, model = load_tokenizer(bench), load(bench)
    ids = tokenizer("<|tool_59|>", return_tensors="pt").input_ids
    assert int(ids.max()) >= model.config.vocab_size
    refused(bench, lambda: model(torch.tensor(ids)), "index out of range", "out of")
