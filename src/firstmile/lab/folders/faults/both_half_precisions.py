"""fp16 and bf16 are both switched on."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("fp16-and-bf16-are-both-asked-for",),
    command="python train.py --model_name_or_path model --fp16 True --bf16 True --output_dir out",
)


def provoke(bench: Workbench) -> None:
    """Make the arguments."""
    from firstmile.lab.libraries import transformers

    both = {"fp16": True, "bf16": True, "use_cpu": True, "output_dir": "out"}
    refused(bench, lambda: transformers.TrainingArguments(**both), "fp16")
