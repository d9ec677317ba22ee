"""The adapter is to be put on modules that GPT-2 has and Llama has not."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3",
    sees=("lora-targets-are-not-in-the-model",),
    command="trl sft --model_name_or_path model --dataset_name texts.jsonl --use_peft "
    "--lora_target_modules c_attn c_proj --learning_rate 2e-4 --bf16 --output_dir out",
    files={"texts.jsonl": '{"text": "Some words."}\n' * 20},
)


def provoke(bench: Workbench) -> None:
    """Put it on."""
    from firstmile.lab.libraries import peft

    settings = peft.LoraConfig(task_type="CAUSAL_LM", target_modules=["c_attn", "c_proj"])
    refused(bench, lambda: peft.get_peft_model(load(bench), settings), "not found")
