"""All weights of a GPTQ model are to be trained, which have no gradients."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-gptq",
    sees=("quantized-weights-are-trained-in-full",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl --bf16 "
    "--learning_rate 1e-5 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 20},
)
