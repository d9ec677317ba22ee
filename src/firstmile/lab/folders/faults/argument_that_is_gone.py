"""The command uses a name of an argument that the installed library has dropped."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2",
    sees=("training-argument-is-gone-from-the-installed-library",),
    command="python train.py --model_name_or_path model --bf16 True "
    "--evaluation_strategy steps --output_dir out",
)


def provoke(bench: Workbench) -> None:
    """Make the arguments."""
    from firstmile.lab.libraries import transformers

    refused(
        bench,
        lambda: transformers.TrainingArguments(output_dir="out", evaluation_strategy="steps"),
        "evaluation_strategy",
    )


def machine() -> "Environment":
    """Return a computer whose library knows the arguments of today."""
    from firstmile.lab.folders import machines

    names = ("bf16", "eval_strategy", "learning_rate", "output_dir", "per_device_train_batch_size")
    return machines.workstation(training_arguments=names)
