"""The loss is to be taken on the assistant alone, and the data is plain text without turns."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("loss-on-the-assistant-is-asked-of-data-without-turns",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl "
    "--assistant_only_loss --learning_rate 1e-5 --bf16 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 40},
)
