"""Trainings that run: TRL, transformers, DeepSpeed and accelerate, whole models and adapters."""

from collections.abc import Mapping
from typing import Final

from firstmile.lab.folders.fault import Healthy

_CHATS: Final = "".join(
    f'{{"messages": [{{"role": "user", "content": "Question {each}?"}}, '
    f'{{"role": "assistant", "content": "Answer {each}."}}]}}\n'
    for each in range(40)
)
_TEXTS: Final = "".join(f'{{"text": "Some words, number {each}."}}\n' for each in range(40))
_STAGE_3: Final = """{"zero_optimization": {"stage": 3,
"stage3_gather_16bit_weights_on_model_save": true},
"bf16": {"enabled": "auto"}, "train_micro_batch_size_per_gpu": "auto",
"gradient_accumulation_steps": "auto", "gradient_clipping": "auto", "train_batch_size": "auto"}"""

HEALTHY: Final[Mapping[str, Healthy]] = {
    "training-an-adapter-of-qwen-2": Healthy(
        base="qwen-2",
        command="trl sft --model_name_or_path model --dataset_name chats.jsonl --use_peft "
        "--lora_r 16 --lora_alpha 32 --learning_rate 2e-4 --bf16 --max_length 1024 "
        "--per_device_train_batch_size 4 --num_train_epochs 3 --output_dir out",
        files={"chats.jsonl": _CHATS},
    ),
    "training-all-of-llama-3-with-zero-3": Healthy(
        base="llama-3",
        machine="server",
        command="accelerate launch --use_deepspeed --deepspeed_config_file zero3.json "
        "--num_processes 8 train.py --model_name_or_path model --learning_rate 1e-5 --bf16 "
        "--gradient_checkpointing --output_dir out",
        files={"zero3.json": _STAGE_3},
    ),
    "training-on-eight-ranks": Healthy(
        base="qwen-3",
        machine="server",
        command="torchrun --nproc_per_node 8 train.py --model_name_or_path model "
        "--learning_rate 2e-5 --bf16 True --lr_scheduler_type cosine --warmup_ratio 0.03 "
        "--output_dir out",
    ),
    "training-on-a-t4-in-float16": Healthy(
        base="qwen-2-in-float32",
        machine="turing",
        command="python train.py --model_name_or_path model --fp16 True --learning_rate 5e-5 "
        "--per_device_train_batch_size 2 --output_dir out",
    ),
    "training-with-the-newest-libraries": Healthy(
        base="llama-3-of-2026",
        machine="newest",
        command="trl sft --model_name_or_path model --dataset_name chats.jsonl --bf16 "
        "--learning_rate 2e-5 --max_length 2048 --output_dir out",
        files={"chats.jsonl": _CHATS},
    ),
    "preferring-answers-with-dpo": Healthy(
        base="llama-3",
        machine="server",
        command="trl dpo --model_name_or_path model --dataset_name pairs.jsonl --bf16 "
        "--learning_rate 5e-7 --beta 0.1 --output_dir out",
        files={"pairs.jsonl": '{"prompt": "Say yes.", "chosen": "Yes.", "rejected": "No."}\n' * 20},
    ),
    "going-on-with-plain-text": Healthy(
        base="granite",
        command="trl sft --model_name_or_path model --dataset_name texts.jsonl --bf16 "
        "--learning_rate 1e-5 --packing --max_length 1024 --output_dir out",
        files={"texts.jsonl": _TEXTS},
    ),
}
