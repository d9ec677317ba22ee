"""Texts are put into one batch, and the tokenizer has no padding token."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gpt-2",
    sees=("padding-token-is-missing",),
    command="python train.py --model_name_or_path model --per_device_train_batch_size 8 "
    "--learning_rate 1e-5 --output_dir out",
)


def provoke(bench: Workbench) -> None:
    """Put two texts into one batch."""
    tokenizer = load_tokenizer(bench)
    texts = ["a", "longer text"]
    refused(bench, lambda: tokenizer(texts, padding=True), "padding token", "pad_token")
