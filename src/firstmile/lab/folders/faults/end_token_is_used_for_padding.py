"""The padding token is the end token, which the loss leaves out with the padding."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="deepseek-v3",
    sees=("padding-token-is-the-end-token-in-fine-tuning",),
    machine="server",
    command="python train.py --model_name_or_path model --bf16 True --learning_rate 1e-5 "
    "--output_dir out",
)
