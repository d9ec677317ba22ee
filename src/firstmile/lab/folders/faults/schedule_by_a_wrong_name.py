"""The schedule is called by a name that the Trainer does not know."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("name-of-optimizer-or-schedule-is-not-known",),
    command="python train.py --model_name_or_path model --bf16 True "
    "--lr_scheduler_type cosine_annealing --output_dir out",
)


def provoke(bench: Workbench) -> None:
    """Make the arguments."""
    from firstmile.lab.libraries import transformers

    refused(
        bench,
        lambda: transformers.TrainingArguments(
            output_dir="out", lr_scheduler_type="cosine_annealing"
        ),
        "cosine_annealing",
    )
