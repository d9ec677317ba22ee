"""Weights are asked for in 4 bits and in 8 bits at once."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("four-and-eight-bits-are-both-asked-for",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl --use_peft "
    "--load_in_4bit --load_in_8bit --learning_rate 1e-4 --bf16 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 40},
)


def provoke(bench: Workbench) -> None:
    """Ask transformers for both."""
    from firstmile.lab.libraries import transformers

    def ask() -> None:
        transformers.BitsAndBytesConfig(load_in_4bit=True, load_in_8bit=True)

    refused(bench, ask, "load_in_4bit and load_in_8bit")
