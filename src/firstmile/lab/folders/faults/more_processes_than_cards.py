"""A launcher is told to start eight processes on a machine with four GPUs."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("more-processes-than-visible-gpus",),
    machine="four_gpus",
    command="torchrun --nproc_per_node 8 train.py --model_name_or_path model --bf16 True "
    "--output_dir out",
)
