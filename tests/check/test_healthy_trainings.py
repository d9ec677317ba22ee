"""Ordinary trainings, read from their commands, fail no check of fine-tuning."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from firstmile.check.command import Command, read_command, words_of
from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.unit import find_checks
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding, Outcome

CHECKS: Final = [each for each in find_checks() if hasattr(each, "tuning")]
AUTO: Final = {
    "bf16": {"enabled": "auto"},
    "fp16": {"enabled": "auto"},
    "zero_optimization": {"stage": 3, "stage3_gather_16bit_weights_on_model_save": True},
    "gradient_clipping": "auto",
    "train_batch_size": "auto",
    "train_micro_batch_size_per_gpu": "auto",
    "gradient_accumulation_steps": "auto",
}
CHAT: Final = {
    "messages": [
        {"role": "user", "content": "When do quinces ripen?"},
        {"role": "assistant", "content": "In October."},
    ]
}
FILES: Final[Mapping[str, str]] = {
    "z3.json": json.dumps(AUTO),
    "chat.jsonl": "\n".join([json.dumps(CHAT)] * 400),
    "pairs.json": json.dumps([{"prompt": "a", "chosen": "b", "rejected": "c"}] * 400),
    "lf.yaml": "stage: sft\ndo_train: true\nfinetuning_type: lora\nlora_rank: 8\n"
    "lora_target: all\ntemplate: llama3\ncutoff_len: 2048\nlearning_rate: 1.0e-4\nbf16: true\n"
    "per_device_train_batch_size: 1\ngradient_accumulation_steps: 8\nnum_train_epochs: 3.0\n"
    "lr_scheduler_type: cosine\nwarmup_ratio: 0.1\nval_size: 0.1\neval_strategy: steps\n"
    "output_dir: o\nmodel_name_or_path: m\n",
    "ax.yaml": "base_model: m\nload_in_4bit: true\nadapter: qlora\nlora_r: 32\nlora_alpha: 16\n"
    "lora_target_linear: true\nsequence_len: 4096\nsample_packing: true\nflash_attention: true\n"
    "micro_batch_size: 2\ngradient_accumulation_steps: 4\nnum_epochs: 4\nbf16: auto\n"
    "optimizer: paged_adamw_32bit\nlr_scheduler: cosine\nlearning_rate: 0.0002\n"
    "gradient_checkpointing: true\nwarmup_steps: 10\nevals_per_epoch: 4\n",
    "fsdp.yaml": "distributed_type: FSDP\nmixed_precision: bf16\nnum_processes: 4\nfsdp_config:\n"
    "  fsdp_auto_wrap_policy: TRANSFORMER_BASED_WRAP\n  fsdp_use_orig_params: false\n"
    "  fsdp_transformer_layer_cls_to_wrap: LlamaDecoderLayer\n",
    "ordinary.py": "from transformers import HfArgumentParser, Trainer, TrainingArguments\n"
    "from transformers import AutoModelForCausalLM\nfrom dataclasses import dataclass, field\n"
    "@dataclass\nclass ModelArguments:\n    model_name_or_path: str = field(default='m')\n"
    "    torch_dtype: str = 'bfloat16'\n"
    "parser = HfArgumentParser((ModelArguments, TrainingArguments))\n"
    "model_args, training_args = parser.parse_args_into_dataclasses()\n"
    "model = AutoModelForCausalLM.from_pretrained(\n"
    "    model_args.model_name_or_path, torch_dtype=model_args.torch_dtype)\n"
    "Trainer(model=model, args=training_args, train_dataset=data['train'],\n"
    "        eval_dataset=data['test'] if training_args.do_eval else None).train()\n",
    "of_trl.py": "from trl import SFTTrainer, SFTConfig, ModelConfig, ScriptArguments, TrlParser\n"
    "parser = TrlParser((ScriptArguments, SFTConfig, ModelConfig))\n"
    "script_args, training_args, model_args = parser.parse_args_and_config()\n"
    "SFTTrainer(model=model_args.model_name_or_path, args=training_args, train_dataset=data,\n"
    "           peft_config=get_peft_config(model_args)).train()\n",
    "by_hand.py": "from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n"
    "model = AutoModelForCausalLM.from_pretrained('m', torch_dtype='auto')\n"
    "args = TrainingArguments('o', bf16=True, per_device_train_batch_size=1,\n"
    "    eval_strategy='epoch', save_strategy='epoch', optim='adamw_bnb_8bit',\n"
    "    load_best_model_at_end=True, gradient_checkpointing=True)\n"
    "Trainer(model, args, train_dataset=a, eval_dataset=b).train()\n",
}
COMMANDS: Final = {
    "an ordinary script": "torchrun --nproc_per_node 4 ordinary.py --output_dir o --bf16 True "
    "--deepspeed z3.json --per_device_train_batch_size 2 --gradient_checkpointing True "
    "--eval_strategy steps --eval_steps 100 --learning_rate 1e-5",
    "a script of TRL": "python of_trl.py --model_name_or_path m --dataset_name chat.jsonl "
    "--output_dir o --use_peft --lora_r 16 --per_device_train_batch_size 1 --dtype bfloat16",
    "a script by hand": "python by_hand.py",
    "an adapter by TRL": "trl sft --model_name_or_path m --dataset_name chat.jsonl --use_peft "
    "--lora_r 32 --lora_alpha 16 --lora_target_modules q_proj v_proj --learning_rate 2e-4 "
    "--num_train_epochs 1 --per_device_train_batch_size 2 --gradient_accumulation_steps 8 "
    "--attn_implementation flash_attention_2 --packing --eval_strategy no --output_dir o",
    "preferences by TRL": "trl dpo --model_name_or_path m --dataset_name pairs.json "
    "--learning_rate 5e-7 --per_device_train_batch_size 2 --gradient_accumulation_steps 8 "
    "--max_steps 200 --output_dir o --num_processes 4",
    "GRPO over four GPUs": "accelerate launch --num_processes 4 grpo.py --model_name_or_path m "
    "--num_generations 8 --per_device_train_batch_size 8 --learning_rate 1e-6 --output_dir o",
    "ZeRO 3 in full": "deepspeed --num_gpus 4 train.py --deepspeed z3.json "
    "--model_name_or_path m --data_path chat.jsonl --bf16 True --output_dir o "
    "--num_train_epochs 3 --per_device_train_batch_size 4 --gradient_accumulation_steps 4 "
    "--learning_rate 1e-5 --max_grad_norm 1.0 --gradient_checkpointing True "
    "--model_max_length 2048 --report_to none --dataloader_num_workers 1",
    "FSDP in full": "torchrun --nproc_per_node 4 train.py --model_name_or_path m --bf16 True "
    "--output_dir o --num_train_epochs 3 --per_device_train_batch_size 4 --save_steps 2000 "
    "--learning_rate 2e-5 --weight_decay 0. --warmup_ratio 0.03 --lr_scheduler_type cosine "
    "--fsdp 'full_shard auto_wrap' --fsdp_transformer_layer_cls_to_wrap LlamaDecoderLayer "
    "--tf32 True",
    "FSDP with an adapter": "accelerate launch --config_file fsdp.yaml train.py "
    "--model_name_or_path m --use_peft_lora True --lora_r 8 --lora_alpha 16 "
    "--lora_target_modules q_proj,k_proj,v_proj,o_proj --bf16 True --learning_rate 1e-4 "
    "--output_dir o --per_device_train_batch_size 8 --gradient_checkpointing True",
    "QLoRA by a script": "python qlora.py --model_name_or_path m --bits 4 --bf16 --max_steps 1875 "
    "--learning_rate 0.0002 --max_grad_norm 0.3 --lora_r 64 --lora_alpha 16 --optim "
    "paged_adamw_32bit --warmup_ratio 0.03 --lr_scheduler_type constant "
    "--gradient_checkpointing --output_dir o",
    "LLaMA-Factory": "llamafactory-cli train lf.yaml",
    "axolotl": "axolotl train ax.yaml",
    "nothing but names": "python run_clm.py --model_name_or_path gpt2 --dataset_name wikitext "
    "--do_train --do_eval --output_dir o",
}
PACKAGES: Final = {
    "torch": "2.6.0",
    "transformers": "4.57.1",
    "trl": "0.24.0",
    "peft": "0.17.1",
    "accelerate": "1.11.0",
    "bitsandbytes": "0.48.0",
    "deepspeed": "0.18.0",
}


def intended(command: str) -> Intent:
    """Return what a command intends, with the files above."""

    def start(path: str, most: int) -> bytes | None:
        text = FILES.get(path)
        return None if text is None else text.encode()[:most]

    words = tuple(words_of(command))
    found = read_command(Command(words=words, read_text=FILES.get, read_start=start))
    assert found is not None
    return found


def found_in(command: str, snapshot: Snapshot, *outcomes: Outcome) -> list[Finding]:
    """Return the findings of some outcomes."""
    return [each for each in judge_all(CHECKS, snapshot, intended(command))
            if each.outcome in outcomes]  # fmt: skip


def with_gpus(count: int, **packages: str) -> Snapshot:
    """Return a Llama beside so many GPUs."""
    cards: Any = [gpu(index=place) for place in range(count)]
    here = machine(gpus=cards, packages={**PACKAGES, **packages}, cores=64)
    return world(folder(config=LLAMA), here)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_ordinary_training_fails_no_check(name: str) -> None:
    command = COMMANDS[name]
    count = 1 if command.startswith(("python ", "trl sft", "llama")) else 4
    found = found_in(command, with_gpus(count), Outcome.FAIL, Outcome.ERROR)
    assert [(each.source, each.message) for each in found] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_machine_and_a_folder_that_were_not_read_fail_no_check(name: str) -> None:
    found = found_in(COMMANDS[name], world(), Outcome.FAIL, Outcome.ERROR)
    assert [(each.source, each.message) for each in found] == []


@pytest.mark.parametrize(
    ("command", "source"),
    [
        ("trl sft --model_name_or_path m --use_peft --lora_target_modules q_proj",
         "one-lora-target-is-taken-for-a-pattern"),
        ("python train.py --output_dir o --fp16 --bf16", "fp16-and-bf16-are-both-asked-for"),
        ("trl sft --model_name_or_path m --dataset_name pairs.json",
         "fields-of-the-data-are-unknown-to-the-trainer"),
        ("trl sft --model_name_or_path m --load_in_4bit", "quantized-weights-are-trained-in-full"),
        ("torchrun train.py --output_dir o --learning_rate 0", "learning-rate-is-out-of-range"),
        ("trl grpo --model_name_or_path m --per_device_train_batch_size 3",
         "group-of-generations-does-not-divide-the-batch"),
    ],
)  # fmt: skip
def test_a_fault_in_a_command_is_found_by_its_check(command: str, source: str) -> None:
    found = found_in(command, with_gpus(1), Outcome.FAIL)
    assert source in [each.source for each in found]
