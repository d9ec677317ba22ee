"""A line of the data was cut, so that it is no JSON."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("records-of-the-data-are-broken-or-empty",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl --bf16 "
    "--learning_rate 1e-5 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 5 + '{"text": "cut\n'},
)
