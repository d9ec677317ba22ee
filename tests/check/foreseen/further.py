"""Cases that checkpoints in Meta's form, number types and tokenizers tell of beforehand."""

from collections.abc import Mapping
from typing import Any, Final

from check.foreseen.told import GPTQ, QWEN, QWEN2, Told, cards, tokenizer, told
from firstmile.check.adapters import CONFIG, WEIGHTS
from firstmile.check.intent import Action, Intent
from firstmile.check.meta_checkpoints import checkpoint
from firstmile.check.worlds import LLAMA, file, folder, machine, shard

_LOADS: Final = "import torch\nfrom transformers import AutoModelForCausalLM\n"
_OF_32B: Final = folder(
    config={
        **QWEN2,
        "hidden_size": 5120,
        "intermediate_size": 27648,
        "num_hidden_layers": 64,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
        "torch_dtype": "float16",
        "quantization_config": GPTQ,
    }
)
_SEVENTY: Final = {
    "dim": 8192,
    "multiple_of": 4096,
    "ffn_dim_multiplier": 1.3,
    "n_heads": 64,
    "n_kv_heads": 8,
    "n_layers": 80,
    "vocab_size": -1,
}
"""params.json of Llama 2 70B."""


def _script(text: str, **said: Any) -> Told:
    return told("python script.py", files={"script.py": text}, **said)


def _refused(path: str, kind: str, reason: str) -> Told:
    found = tokenizer(path=path, kind=kind, loads=False, refused=reason)
    return told(model=folder(config=LLAMA, files=[file(path)], tokenizer=found))


def _pointer(path: str) -> Told:
    return told(model=folder(config=LLAMA, files=[file(path, 134, looks="pointer")]))


WORLDS: Final[Mapping[str, Told | tuple[Told, ...]]] = {
    "33b-instruct-repeats-when-prompt-holds-many-numbers": _script(
        _LOADS + "m = AutoModelForCausalLM.from_pretrained('deepseek-coder-33b-instruct', "
        "torch_dtype=torch.float16, device_map='auto')\nm.generate(ids, max_new_tokens=512)\n",
        model=folder(config=LLAMA),
    ),
    "autopeft-qwen2.5-lm-head-size-mismatch": _script(
        "from peft import AutoPeftModelForCausalLM\n"
        "m = AutoPeftModelForCausalLM.from_pretrained('checkpoint-31')\n",
        model=folder(
            kind="adapter",
            documents={CONFIG: {"peft_type": "LORA"}},
            files=[file("tokenizer_config.json")],
            shards=[
                shard({"base_model.model.lm_head.weight": ("BF16", (151936, 896))}, path=WEIGHTS)
            ],
            tokenizer=tokenizer(size=151665),
        ),
        on=machine(packages={"peft": "0.14.0", "transformers": "4.47.0", "torch": "2.5.1"}),
    ),
    "deepseek-v3-convert-py-on-r1-distill-qwen": told(
        "python convert.py --hf-ckpt-path DeepSeek-R1-Distill-Qwen-7B --save-path demo "
        "--n-experts 256 --model-parallel 1",
        model=folder(config=QWEN2),
    ),
    "exllama-airoboros-gptq-tokenizer-model-parse-error": (
        _refused("tokenizer.model", "sentencepiece", "it is cut"),
        _pointer("tokenizer.model"),
    ),
    "fastchat-autotokenizer-unk-is-not-defined": (
        _refused("tokenizer.model", "sentencepiece", "it holds no piece for what is unknown"),
        told(
            model=folder(config=LLAMA, files=[file("tokenizer.model", 0, looks="empty")]),
        ),
    ),
    "llama-2-long-answers-cut-max-seq-len-512": told(
        "torchrun --nproc_per_node 1 example_chat_completion.py --ckpt_dir llama-2-7b-chat "
        "--tokenizer_path tokenizer.model"
    ),
    "llama-3-test-tokenizer-incorrect-padding": (
        _refused("tokenizer.model", "tiktoken", "line 7 is no token in Base64 with its rank"),
        _pointer("tokenizer.model"),
    ),
    "llama-70b-chat-two-parts-eight-processes": told(
        "torchrun --nproc_per_node 8 example_chat_completion.py --ckpt_dir llama-2-70b-chat/ "
        "--tokenizer_path tokenizer.model --max_seq_len 512 --max_batch_size 6",
        model=checkpoint(2, size=17_246_706_245, params=_SEVENTY),
    ),
    "llama-7b-on-16gb-t4-needs-smaller-batch": told(
        "torchrun --nproc_per_node 1 example.py --ckpt_dir 7B --tokenizer_path tokenizer.model",
        model=checkpoint(1),
        on=machine(gpus=cards("Tesla T4", 14.56, "7.5")),
    ),
    "llama-7b-two-3090s-only-one-is-used": told(
        "torchrun --nproc_per_node 1 example.py --ckpt_dir 7B --tokenizer_path tokenizer.model",
        model=checkpoint(1),
        on=machine(gpus=cards("NVIDIA GeForce RTX 3090", 24, "8.6", 2)),
    ),
    "openai-api-on-macbook-m1-bfloat16-not-on-mps": told(
        "python openai_api.py --server-name 0.0.0.0 --server-port 7905 -c Qwen-7B-Chat",
        files={
            "openai_api.py": _LOADS + "import argparse\nm = AutoModelForCausalLM.from_pretrained("
            "args.checkpoint_path, device_map='auto', trust_remote_code=True)\n"
        },
        model=folder(config={**QWEN, "torch_dtype": "bfloat16"}),
        on=machine(system="Darwin", architecture="arm64", packages={"torch": "2.0.1"}),
    ),
    "sfttrainer-qwen-tokenizer-has-no-padding-token": _script(
        "from trl import SFTTrainer\nfrom transformers import TrainingArguments\n"
        "SFTTrainer('Qwen/Qwen-7B', args=TrainingArguments(output_dir='o', "
        "per_device_train_batch_size=4), train_dataset=d)\n",
        model=folder(
            config=QWEN,
            documents={
                "tokenizer_config.json": {
                    "auto_map": {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", None]},
                    "model_max_length": 8192,
                }
            },
        ),
    ),
    "two-3090-qwen1.5-32b-int4-only-exclamation-marks": told(
        "python -m vllm.entrypoints.openai.api_server --model Qwen1.5-32B-Chat-GPTQ-Int4 "
        "--gpu-memory-utilization 0.8 --max-model-len 4096 --tensor-parallel-size 2 "
        "--dtype auto --quantization gptq --disable-custom-all-reduce",
        model=_OF_32B,
    ),
    "v100-generate-cutlassf-no-kernel-found": told(
        Intent(engine="transformers", action=Action.GENERATE, dtype="auto"),
        model=folder(config=QWEN2),
        on=machine(gpus=cards("Tesla V100-SXM2-32GB", 32, "7.0")),
    ),
    "vllm-qwen2.5-32b-int4-endless-exclamation-marks": told(
        "vllm serve Qwen2.5-32B-Instruct-GPTQ-Int4 --tensor-parallel-size 2",
        model=_OF_32B,
        on=machine(gpus=cards("NVIDIA A100 80GB", 80, "8.0", 2)),
    ),
}
