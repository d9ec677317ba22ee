"""The rate warms up for longer than the training takes."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("warmup-is-longer-than-the-training",),
    command="python train.py --model_name_or_path model --bf16 True --learning_rate 1e-5 "
    "--max_steps 100 --warmup_steps 1000 --output_dir out",
)
