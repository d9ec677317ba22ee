"""Cases that commands of servers, containers and notebooks tell of beforehand."""

import json
from collections.abc import Mapping
from typing import Any, Final

from check.foreseen.told import QWEN2, Told, cards, told
from firstmile.check.machine_worlds import computer, package
from firstmile.check.worlds import LLAMA, file, folder, machine
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Tensor

_ZERO_3: Final = json.dumps({"zero_optimization": {"stage": 3}})
_UNKNOWN_TOKEN: Final = computer(package("huggingface-hub", "0.23.0"), cached=())


def _notebook(*code: str, **said: Any) -> Told:
    cells = [{"cell_type": "code", "source": each} for each in code]
    text = json.dumps({"cells": cells})
    return told("jupyter execute tune.ipynb", files={"tune.ipynb": text}, **said)


def _gguf(architecture: str, **sizes: int) -> ModelFolder:
    metadata = {
        "general.architecture": architecture,
        "tokenizer.ggml.model": "gpt2",
        **{f"{architecture}.{name.replace('__', '.')}": size for name, size in sizes.items()},
    }
    made = Gguf(
        path="m.gguf",
        size_bytes=8_000_000_000,
        version=3,
        metadata=metadata,
        tensors=(Tensor("output_norm.weight", "F32", (32,), 0, 128),),
        data_start=1024,
    )
    return folder(kind="gguf", ggufs=(made,))


def _sglang(**packages: str) -> Told:
    return told(
        "python -m sglang.launch_server --model-path ./m --quantization bitsandbytes "
        "--load-format bitsandbytes --dtype bfloat16 --kv-cache-dtype fp8_e5m2 "
        "--enable-torch-compile --disable-cuda-graph",
        model=folder(config=LLAMA),
        on=machine(packages=packages),
    )


WORLDS: Final[Mapping[str, Told | tuple[Told, ...]]] = {
    "base-model-qwen1.5-14b-chats-with-itself": told(
        "python cli_demo.py -c Qwen1.5-14B",
        files={
            "cli_demo.py": "import argparse\nfrom transformers import AutoModelForCausalLM\n"
            "p = argparse.ArgumentParser()\np.add_argument('-c', '--checkpoint-path')\n"
            "args = p.parse_args()\nm = AutoModelForCausalLM.from_pretrained("
            "args.checkpoint_path, device_map='auto')\nm.generate(ids, max_new_tokens=9)\n"
        },
        model=folder(config=QWEN2),
    ),
    "chapter-12-sfttrainer-unexpected-dataset-text-field": _notebook(
        "!pip install trl",
        "from trl import SFTTrainer\nt = SFTTrainer(model=m, dataset_text_field='text', "
        "tokenizer=tok, args=a, max_seq_length=512, peft_config=p)",
        on=machine(packages={"trl": "0.13.0", "transformers": "4.47.0", "torch": "2.5.1"}),
    ),
    "flan-t5-xxl-int8-lora-under-zero-3": told(
        "accelerate launch --config_file z.yaml train.py",
        files={
            "z.yaml": "distributed_type: DEEPSPEED\nnum_processes: 4\ndeepspeed_config:\n"
            "  zero_stage: 3\n  offload_param_device: cpu\n  zero3_init_flag: true\n",
            "train.py": "import torch\nfrom transformers import AutoModelForSeq2SeqLM, Trainer\n"
            "from transformers import TrainingArguments\nfrom peft import LoraConfig\n"
            "m = AutoModelForSeq2SeqLM.from_pretrained('google/flan-t5-xxl', load_in_8bit=True,\n"
            "    device_map={'': 0}, torch_dtype=torch.float16)\nc = LoraConfig(r=16)\n"
            "Trainer(model=m, args=TrainingArguments(output_dir='o')).train()\n",
        },
    ),
    "internlm-20b-base-in-gradio-talks-nonsense": told(
        "lmdeploy serve gradio internlm/internlm-20b"
    ),
    "llama-2-7b-unlearning-script-zero-3-device-map": told(
        "torchrun --nproc_per_node 4 forget.py",
        files={
            "ds.json": _ZERO_3,
            "forget.py": "import torch\nfrom transformers import AutoModelForCausalLM, Trainer\n"
            "from transformers import TrainingArguments\n"
            "a = TrainingArguments(output_dir='o', per_device_train_batch_size=4, "
            "gradient_accumulation_steps=4, learning_rate=2e-5, deepspeed='ds.json')\n"
            "m = AutoModelForCausalLM.from_pretrained('llama2-7b', device_map='auto', "
            "torch_dtype=torch.bfloat16)\nTrainer(model=m, args=a).train()\n",
        },
    ),
    "dataset-column-instruction-not-in-text-meta": told(
        "llamafactory-cli train --stage sft --do_train --model_name_or_path m --dataset own "
        "--template default --output_dir o",
        files={
            "data/dataset_info.json": '{"own": {"file_name": "own.jsonl"}}',
            "data/own.jsonl": '{"text": "a", "meta": "b"}\n',
        },
    ),
    "llama-3-8b-base-sft-output-repeats": told(
        "llamafactory-cli train --stage sft --do_train --model_name_or_path "
        "meta-llama/Meta-Llama-3-8B --finetuning_type lora --template llama3 --cutoff_len 2048 "
        "--num_train_epochs 1 --learning_rate 1e-4 --bf16 --dataset d --output_dir o"
    ),
    "llama-3-cookbook-without-hub-token-401": told(
        "python cookbook.py",
        files={
            "cookbook.py": "from llama_index.llms.huggingface import HuggingFaceLLM\n"
            "name = 'meta-llama/Meta-Llama-3-8B-Instruct'\n"
            "llm = HuggingFaceLLM(model_name=name, tokenizer_name=name)\n"
        },
        on=_UNKNOWN_TOKEN,
    ),
    "llama-3-notebook-sfttrainer-dataset-text-field": _notebook(
        "from trl import SFTTrainer\n"
        "SFTTrainer(model=m, train_dataset=d, dataset_text_field='text', tokenizer=t, args=a)",
        on=machine(packages={"trl": "0.13.0.dev0", "transformers": "4.46.0", "torch": "2.5.1"}),
    ),
    "llama-7b-full-tuning-zero2-oom-eight-v100": told(
        "deepspeed --num_gpus 8 src/train_bash.py --stage sft --do_train --model_name_or_path "
        "llama-7b --finetuning_type full --dataset d --template default --output_dir o "
        "--per_device_train_batch_size 1 --fp16 True --deepspeed ds.json",
        files={
            "ds.json": json.dumps(
                {"zero_optimization": {"stage": 2}, "fp16": {"enabled": True}}
                | dict.fromkeys(
                    (
                        "train_batch_size",
                        "train_micro_batch_size_per_gpu",
                        "gradient_accumulation_steps",
                    ),
                    "auto",
                )
            )
        },
        model=folder(
            config={
                **LLAMA,
                "intermediate_size": 11008,
                "num_key_value_heads": 32,
                "vocab_size": 32000,
                "torch_dtype": "float16",
            }
        ),
        on=machine(gpus=cards("Tesla V100-SXM2-32GB", 31.75, "7.0", 8)),
    ),
    "llama-cpp-a100-6912-threads-no-gpu-layers": told(
        "llama-cli -m llama-3-8b.gguf -c 50 -n 50 -t 6912",
        on=machine(architecture="aarch64", cores=512),
    ),
    "llama-cpp-android-killed-by-full-context-kv-cache": told(
        "llama-server -m m.gguf",
        model=_gguf(
            "llama",
            context_length=131072,
            block_count=32,
            embedding_length=4096,
            attention__head_count=32,
            attention__head_count_kv=8,
        ),
    ),
    "llama-cpp-deepseek-v2-lite-default-context-160k-kv": told(
        "llama-cli -m m.gguf -p hello -n 32 -e -ngl 29 -sm none",
        model=_gguf(
            "deepseek2",
            context_length=163840,
            block_count=27,
            embedding_length=2048,
            attention__head_count=16,
            attention__head_count_kv=16,
            attention__key_length=192,
            attention__value_length=128,
        ),
    ),
    "lm-studio-unknown-model-architecture-clip": told(model=_gguf("clip")),
    "mlx-mistral-7b-gated-repo-401": told(
        "python ask.py",
        files={"ask.py": "from mlx_lm import load\nload('mistralai/Mistral-7B-Instruct-v0.2')\n"},
        on=_UNKNOWN_TOKEN,
    ),
    "ollama-docker-bind-mounted-windows-folder-slow": told(
        r"docker run -d --gpus=all -v D:\\ollama:/root/.ollama -p 11434:11434 ollama/ollama"
    ),
    "ollama-deepseek-r1-671b-killed-on-mac": (
        told("ollama run deepseek-r1:671b", on=machine(system="Darwin", memory_gib=64)),
        told("ollama run deepseek-r1:671b", on=machine(system="Darwin", memory_gib=128)),
    ),
    "sharegpt-data-with-partial-columns-key-none": told(
        "llamafactory-cli train --stage sft --do_train --model_name_or_path m --dataset own "
        "--template default --output_dir o",
        files={
            "data/dataset_info.json": '{"own": {"file_name": "own.json", "formatting": '
            '"sharegpt", "columns": {"tools": "tools"}}}',
            "data/own.json": '[{"conversations": [{"from": "human", "value": "a"}, '
            '{"from": "gpt", "value": "b"}], "tools": ""}]',
        },
    ),
    "sglang-bitsandbytes-0.44-required-import-error": (
        _sglang(sglang="0.4.0.post2", vllm="0.6.4.post1", torch="2.5.1"),
        _sglang(sglang="0.4.0.post2", vllm="0.6.4.post1", torch="2.5.1", bitsandbytes="0.43.3"),
    ),
    "tgi-falcon-40b-bitsandbytes-slow-on-four-t4": told(
        "text-generation-launcher --model-id tiiuae/falcon-40b --num-shard 4 "
        "--quantize bitsandbytes"
    ),
    "vllm-phi-3-small-128k-prefix-enabled-attention": told(
        "vllm serve microsoft/Phi-3-small-128k-instruct --trust-remote-code",
        model=folder(
            config={**LLAMA, "model_type": "phi3small", "max_position_embeddings": 131072}
        ),
        on=machine(packages={"vllm": "0.5.4", "torch": "2.4.0"}),
    ),
    "xrayglm-weights-invalid-load-key-v": told(
        model=folder(
            kind="unknown", files=[file("1/mp_rank_00_model_states.pt", 134, looks="pointer")]
        )
    ),
    "vllm-phi-3-small-8k-chunked-prefill-crash-l4": told(
        "docker run --gpus all vllm/vllm-openai:latest --model microsoft/Phi-3-small-8k-instruct "
        "--enable-chunked-prefill --max-num-batched-tokens=2048 --max-model-len=4096 "
        "--trust-remote-code",
        model=folder(config={**LLAMA, "model_type": "phi3small"}),
    ),
}
