"""The rank of an adapter is larger than the matrices that it is put on."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("lora-rank-or-scale-is-out-of-range",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl --use_peft "
    "--lora_r 512 --learning_rate 1e-4 --bf16 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 40},
)
