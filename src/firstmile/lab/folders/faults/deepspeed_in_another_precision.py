"""The DeepSpeed file trains in fp16, and the arguments say bf16."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("deepspeed-file-contradicts-the-training-arguments",),
    machine="four_gpus",
    command="deepspeed --num_gpus 4 train.py --model_name_or_path model --bf16 True "
    "--deepspeed ds.json --output_dir out",
    files={
        "ds.json": '{"train_micro_batch_size_per_gpu": "auto", '
        '"fp16": {"enabled": true}, "zero_optimization": {"stage": 2}}'
    },
)
