"""The DeepSpeed file states a batch that micro batch, steps and processes do not multiply up to."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("batch-sizes-of-deepspeed-do-not-multiply-up",),
    machine="four_gpus",
    command="deepspeed --num_gpus 4 train.py --model_name_or_path model --bf16 True "
    "--deepspeed ds.json --output_dir out",
    files={
        "ds.json": '{"train_batch_size": 30, "train_micro_batch_size_per_gpu": 4, '
        '"gradient_accumulation_steps": 2, "bf16": {"enabled": true}, '
        '"zero_optimization": {"stage": 2}}'
    },
)
