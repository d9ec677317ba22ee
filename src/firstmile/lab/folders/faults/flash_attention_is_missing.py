"""Flash attention is asked for, and its package is not installed."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3",
    sees=("flash-attention-is-asked-for-but-not-installed",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl --bf16 "
    "--attn_implementation flash_attention_2 --learning_rate 1e-5 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 20},
)


def provoke(bench: Workbench) -> None:
    """Ask for it."""
    refused(bench, lambda: load(bench, attn_implementation="flash_attention_2"), "lash")
