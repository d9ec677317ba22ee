"""The disk has less room than one checkpoint of the training takes."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="llama-70b",
    sees=("disk-is-too-small-for-the-checkpoints",),
    command="accelerate launch --num_processes 8 train.py --model_name_or_path model --bf16 "
    "--learning_rate 1e-5 --gradient_checkpointing --output_dir out",
)


def machine() -> "Environment":
    """Return a server with little room."""
    from firstmile.check.machine_worlds import room
    from firstmile.lab.folders import machines

    return machines.server(folders=[room("working folder", free_gib=60)])
