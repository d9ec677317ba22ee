"""Conversations are in the form of ShareGPT, whose roles TRL does not know."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("sharegpt-roles-are-given-to-trl",),
    command="trl sft --model_name_or_path model --dataset_name chats.jsonl --bf16 "
    "--learning_rate 1e-5 --output_dir out",
    files={
        "chats.jsonl": '{"conversations": [{"from": "human", "value": "Hi"}, '
        '{"from": "gpt", "value": "Hello"}]}\n' * 20
    },
)
