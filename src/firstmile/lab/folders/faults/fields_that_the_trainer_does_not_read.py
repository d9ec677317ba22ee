"""The data has questions and replies, and the trainer reads prompt and completion."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("fields-of-the-data-are-unknown-to-the-trainer",),
    command="trl sft --model_name_or_path model --dataset_name pairs.jsonl --bf16 "
    "--learning_rate 1e-5 --output_dir out",
    files={"pairs.jsonl": '{"question": "Why?", "reply": "So."}\n' * 20},
)
