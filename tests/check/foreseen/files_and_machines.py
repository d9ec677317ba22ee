"""Cases that files of the model, the machine, or counts of processes tell of beforehand."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from check.foreseen.told import (
    GPTQ,
    QWEN,
    QWEN2,
    Told,
    cards,
    no_safetensors,
    pickle,
    tokenizer,
    told,
)
from firstmile.check.adapters import CONFIG, WEIGHTS
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.machine_worlds import computer, package, room
from firstmile.check.meta_checkpoints import checkpoint
from firstmile.check.worlds import LLAMA, file, folder, machine, shard
from firstmile.facts.environment import Cuda
from firstmile.facts.model_folder.folder import ModelFolder

_VLLM: Final = "python -m vllm.entrypoints.openai.api_server --model"
_FOURTEEN: Final = folder(
    config={
        **QWEN,
        "hidden_size": 5120,
        "intermediate_size": 27392,
        "num_hidden_layers": 40,
        "num_attention_heads": 40,
        "quantization_config": GPTQ,
    }
)
"""Qwen-14B-Chat-Int4, whose config is published."""
_SEVENTY: Final = {"dim": 8192, "n_layers": 80, "n_heads": 64, "n_kv_heads": 8, "vocab_size": 32000}
"""params.json of Llama 2 70B."""
_OF_SEVENTY: Final = 17_246_706_245
"""Bytes of one of its eight parts."""
_ADAPTED: Final = "base_model.model.model.layers.0.self_attn"


def _meta(command: str, model: ModelFolder, name: str = "", gib: float = 0) -> Told:
    there = machine(gpus=cards(name, gib, "8.0", 8)) if name else None
    return told(command, model=model, on=there)


WORLDS: Final[Mapping[str, Told]] = {
    "14b-int4-in-vllm-two-cards-weight-shape": told(f"{_VLLM} Q -tp 2", model=_FOURTEEN),
    "ai-lab-vllm-32-heads-on-three-gpus": told(
        f"{_VLLM} m --tensor-parallel-size 3", model=folder(config=LLAMA)
    ),
    "bus-error-insufficient-shm-on-two-machines": told(
        Intent(parallel=Parallel(processes=8, nodes=2)),
        on=machine(
            container="docker", folders=[room("shared memory", total_gib=1 / 16, free_gib=1 / 16)]
        ),
    ),
    "chatglm-tuning-tensors-on-cuda-0-and-1": told(
        "python finetune.py --dataset_path data --lora_rank 8 --fp16 --output_dir out",
        on=machine(gpus=cards("a card", 24, "8.6", 2)),
    ),
    "cli-demo-14b-int4-falls-to-cpu-driver-too-old": told(
        on=computer(
            package("torch", "2.0.1+cu117"),
            gpus=cards("a card", 24, "8.0", driver="450.80.02"),
            cuda=Cuda(driver="450.80.02", driver_supports="11.0", toolkit=None, toolkit_path=None),
        )
    ),
    "codellama-34b-completion-asserts-four-parts": _meta(
        "torchrun --nproc_per_node 1 example_completion.py --ckpt_dir CodeLlama-34b/ "
        "--tokenizer_path CodeLlama-34b/tokenizer.model --max_seq_len 128 --max_batch_size 4",
        checkpoint(4),
    ),
    "codellama-34b-instruct-with-one-process-fails": _meta(
        "torchrun --nproc_per_node 1 example_completion.py --ckpt_dir CodeLlama-34b-Instruct "
        "--tokenizer_path CodeLlama-7b-Instruct/tokenizer.model --max_seq_len 512",
        checkpoint(4),
    ),
    "codellama-infilling-invalid-load-key": _meta(
        "torchrun --nproc_per_node 1 example_infilling.py --ckpt_dir CodeLlama-7b-Instruct/ "
        "--tokenizer_path CodeLlama-7b-Instruct/tokenizer.model --max_seq_len 512",
        folder(kind="meta", files=[file("consolidated.00.pth", 10**9, looks="other")]),
    ),
    "codellama-long-prompt-uses-one-of-four-a10g": _meta(
        "torchrun --nproc_per_node 1 example_instructions.py --ckpt_dir m --tokenizer_path "
        "m/tokenizer.model --max_seq_len 4512 --max_batch_size 4",
        checkpoint(1),
        "NVIDIA A10G",
        22.19,
    ),
    "codellama-on-mac-stops-without-nccl": told(
        "torchrun --nproc_per_node 1 example_completion.py --ckpt_dir m --tokenizer_path t",
        on=machine(system="Darwin", architecture="arm64"),
    ),
    "deepseek-r1-from-pretrained-fp8-quantizer-error": told(
        Intent(engine="transformers", action=Action.LOAD),
        model=folder(config={**LLAMA, "quantization_config": {"quant_method": "fp8"}}),
        on=computer(
            package("transformers", "4.46.3"),
            known={("transformers", "quantization methods"): ("gptq", "awq", "fbgemm_fp8")},
        ),
    ),
    "deepseek-v3-convert-py-header-too-large": told(model=no_safetensors()),
    "deepseek-v3-generate-py-waits-for-second-node": told(
        "torchrun --nnodes 2 --nproc-per-node 8 --node-rank 1 --master-addr 127.0.0.1 generate.py "
        "--interactive --temperature 0.7"
    ),
    "exllama-llama-2-13b-gptq-headertoolarge": told(model=no_safetensors()),
    "exllama-llama-2-70b-gptq-header-and-tokenizer": told(model=no_safetensors()),
    "llama-13b-checkpoint-started-with-one-process": _meta(
        "torchrun --nproc_per_node 1 example_chat_completion.py --ckpt_dir llama-2-13b-chat/ "
        "--tokenizer_path tokenizer.model --max_seq_len 512 --max_batch_size 4",
        checkpoint(2),
    ),
    "llama-13b-reward-stage-adapter-header-invalid": told(
        model=folder(
            kind="adapter",
            shards=[shard({}, path=WEIGHTS, problem="its header is not the JSON that it must be")],
        )
    ),
    "llama-2-70b-a800-safetensors-header-too-large": told(
        model=folder(
            config=LLAMA,
            files=[
                file("model-00003-of-00015.safetensors", 9_200_000_000, looks="safetensors"),
                file("model-00004-of-00015.safetensors", 135, looks="pointer"),
            ],
        )
    ),
    "llama-2-70b-chat-hf-single-gpu-header-too-large": told(model=no_safetensors()),
    "llama-2-7b-text-example-on-12gb-rtx-3060": _meta(
        "torchrun --nproc_per_node 1 example_text_completion.py --ckpt_dir llama-2-7b/ "
        "--tokenizer_path tokenizer.model --max_seq_len 128 --max_batch_size 4",
        checkpoint(1),
        "NVIDIA GeForce RTX 3060",
        11.75,
    ),
    "llama-2-retraining-header-too-large-other-repo": told(model=no_safetensors()),
    "llama-2-single-part-checkpoint-on-four-ranks": _meta(
        "torchrun --nproc_per_node 4 example_text_completion.py --ckpt_dir m --tokenizer_path t",
        checkpoint(1),
    ),
    "llama-3-70b-eight-ranks-set-device-fails": told(
        "torchrun --nproc_per_node 8 my_chat.py --ckpt_dir m --tokenizer_path t",
        on=machine(gpus=cards("NVIDIA A100 80GB PCIe", 80, "8.0", 4)),
    ),
    "llama-3-8b-instruct-windows-11-no-nccl": told(
        "torchrun --nproc_per_node 1 example_chat_completion.py --ckpt_dir "
        "Meta-Llama-3-8B-Instruct --tokenizer_path t",
        on=machine(system="Windows", gpus=cards("NVIDIA GeForce RTX 4080", 16, "8.9")),
    ),
    "llama-3-8b-on-m1-pro-no-nccl": told(
        "torchrun --nproc_per_node 1 example_chat_completion.py --ckpt_dir "
        "Meta-Llama-3-8B-Instruct/ --tokenizer_path t --max_seq_len 512 --max_batch_size 6",
        on=machine(system="Darwin", architecture="arm64"),
    ),
    "llama-70b-on-eight-16gb-cards-out-of-memory": _meta(
        "torchrun --nproc_per_node 8 example_chat_completion.py --ckpt_dir llama-2-70b-chat/ "
        "--tokenizer_path tokenizer.model",
        checkpoint(8, size=_OF_SEVENTY, params=_SEVENTY),
        "Tesla V100-SXM2-16GB",
        15.77,
    ),
    "llama-7b-12gb-card-despite-256gb-ram": _meta(
        "torchrun --nproc_per_node 1 example.py --ckpt_dir 7B --tokenizer_path tokenizer.model",
        checkpoint(1),
        "a card",
        12,
    ),
    "llama-8b-example-finds-zero-checkpoint-parts": _meta(
        "torchrun --nproc_per_node 1 example.py --ckpt_dir ./model/model_size "
        "--tokenizer_path ./model/tokenizer.model",
        folder(kind="unknown", files=[file("7B/consolidated.00.pth"), file("tokenizer.model")]),
    ),
    "llama-chat-example-on-windows-lacks-nccl": told(
        "torchrun --nproc_per_node 2 example_chat_completion.py --ckpt_dir llama-2-13b-chat "
        "--tokenizer_path t --max_seq_len 512 --max_batch_size 6",
        on=machine(system="Windows", gpus=cards("a card", 16, "8.6")),
    ),
    "llama-cpp-xverse-convert-failed-finding-central-directory": told(
        model=folder(
            config=LLAMA,
            pickles=(
                pickle(
                    "pytorch_model-00001-of-00015.bin",
                    "it is an archive without its directory at the end",
                ),
            ),
        )
    ),
    "loftq-gsm8k-checkpoint-32001-against-32000": told(
        model=folder(
            kind="adapter",
            documents={
                CONFIG: {
                    "peft_type": "LORA",
                    "base_model_name_or_path": "LoftQ/Llama-2-7b-hf-4bit-64rank",
                }
            },
            shards=[
                shard(
                    {
                        f"{_ADAPTED}.q_proj.lora_A.weight": ("F32", (64, 4096)),
                        f"{_ADAPTED}.q_proj.lora_B.weight": ("F32", (4096, 64)),
                        "base_model.model.model.embed_tokens.weight": ("F32", (32001, 4096)),
                    },
                    path=WEIGHTS,
                )
            ],
        ),
        base=folder(
            config=LLAMA,
            shards=[
                shard(
                    {
                        "model.embed_tokens.weight": ("BF16", (32000, 4096)),
                        "model.layers.0.self_attn.q_proj.weight": ("BF16", (4096, 4096)),
                    }
                )
            ],
        ),
    ),
    "moondream-tokenizer-modelwrapper-untagged-enum": told(
        model=folder(tokenizer=tokenizer(merges_as_lists=True)),
        on=machine(packages={"tokenizers": "0.19.1", "transformers": "4.44.2"}),
    ),
    "single-22gb-2080ti-cannot-load-qwen1.5-32b-int4": told(
        "python run.py",
        files={
            "run.py": "from vllm import LLM\n"
            "llm = LLM(model='Qwen1.5-32B-Chat-GPTQ-Int4', gpu_memory_utilization=0.99,\n"
            "          quantization='gptq')\n"
        },
        model=folder(
            config={
                **QWEN2,
                "hidden_size": 5120,
                "intermediate_size": 27392,
                "num_hidden_layers": 64,
                "num_attention_heads": 40,
                "num_key_value_heads": 8,
                "vocab_size": 152064,
                "quantization_config": GPTQ,
            }
        ),
        on=machine(
            gpus=cards("NVIDIA GeForce RTX 2080 Ti", 22356 / 1024, "7.5"),
            packages={"vllm": "0.4.2", "torch": "2.3.0+cu121", "transformers": "4.40.2"},
        ),
    ),
    "sus-chat-34b-killed-at-87-percent": told(
        Intent(engine="llama-factory", action=Action.GENERATE),
        model=folder(
            config={
                **LLAMA,
                "hidden_size": 7168,
                "intermediate_size": 20480,
                "num_hidden_layers": 60,
                "num_attention_heads": 56,
                "vocab_size": 64000,
            }
        ),
        on=machine(gpus=cards("Tesla V100-PCIE-32GB", 32, "7.0"), memory_gib=63),
    ),
    "vllm-gptq-14b-int4-two-cards-weight-shape-not-aligned": told(
        f"{_VLLM} Qwen-14B-Chat-Int4 --tensor-parallel-size 2", model=_FOURTEEN
    ),
    "vllm-max-seq-len-larger-than-kv-cache": told(
        f"{_VLLM} /models--Qwen--Qwen1.5-7B-Chat --served-model-name Qwen1.5-7B-Chat",
        model=folder(config=QWEN2),
        on=machine(gpus=cards("a card", 22, "8.6")),
    ),
    "vllm-ray-gpt2-two-l4-small-dev-shm-actor-died": told(
        f"{_VLLM} gpt2 --tensor-parallel-size 2",
        on=machine(
            container="docker",
            gpus=cards("NVIDIA L4", 24, "8.9", 2),
            folders=[replace(room("shared memory"), total_bytes=67_108_864, free_bytes=46_972_928)],
        ),
    ),
    "vllm-rtx-5090-no-kernel-image": told(
        on=computer(
            package("torch", "2.6.0+cu124"),
            gpus=cards("NVIDIA GeForce RTX 5090", 32, "12.0", driver="570.124.06"),
        )
    ),
    "vllm-uses-one-of-five-gpus-for-qwen1.5-72b": told(
        f"CUDA_VISIBLE_DEVICES=0,1,2,3,4 {_VLLM} Qwen1.5-72B-Chat --host 0.0.0.0 --port 8000",
        model=folder(
            config={
                **QWEN2,
                "hidden_size": 8192,
                "intermediate_size": 24576,
                "num_hidden_layers": 80,
                "num_attention_heads": 64,
                "num_key_value_heads": 64,
            }
        ),
        on=machine(gpus=cards("NVIDIA A100 80GB", 79.15, "8.0", 5)),
    ),
    "xinference-qwen3-vl-load-processor-attribute-error": told(
        model=folder(config={**LLAMA, "model_type": "qwen3_vl"}),
        on=computer(
            package("transformers", "4.53.2"),
            package("torch", "2.7.1"),
            known={("transformers", "model types"): ("llama", "qwen2_5_vl", "qwen3")},
        ),
    ),
}
