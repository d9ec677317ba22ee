"""Four processes each spread the model over all cards by a device map."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("device-map-meets-a-distributed-training",),
    machine="four_gpus",
    command="torchrun --nproc_per_node 4 train.py --model_name_or_path model --bf16 True "
    "--device_map auto --output_dir out",
)
