"""All of a 70B model is trained on four cards, which hold a third of what Adam needs."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-70b",
    sees=("training-states-do-not-fit-on-the-devices",),
    machine="four_gpus",
    command="accelerate launch --num_processes 4 train.py --model_name_or_path model --bf16 "
    "--learning_rate 1e-5 --gradient_checkpointing --output_dir out",
)
