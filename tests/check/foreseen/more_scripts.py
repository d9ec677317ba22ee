"""More cases that scripts and releases of libraries tell of beforehand."""

from collections.abc import Mapping
from typing import Any, Final

from check.foreseen.told import QWEN, QWEN2, Told, cards, told
from firstmile.check.worlds import LLAMA, file, folder, machine

_LOADS: Final = "from transformers import AutoModelForCausalLM, AutoTokenizer\n"
_SEVENTY: Final = {
    **LLAMA,
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
    "vocab_size": 32000,
}
"""config.json of Llama 2 70B."""


def _script(text: str, **said: Any) -> Told:
    return told("python script.py", files={"script.py": text}, **said)


def _beside(**packages: str) -> Any:
    named = {name.replace("_", "-"): version for name, version in packages.items()}
    return machine(gpus=cards("a card", 80, "8.0"), packages={"torch": "2.0.1", **named})


WORLDS: Final[Mapping[str, Told]] = {
    "deepseek-v2-sequential-map-leaves-last-card-empty": _script(
        _LOADS + "limits = {i: '75GB' for i in range(8)}\n"
        "m = AutoModelForCausalLM.from_pretrained('DeepSeek-V2', trust_remote_code=True,\n"
        "    device_map='sequential', torch_dtype='auto', max_memory=limits)\n"
        "m.generate(ids, max_new_tokens=100)\n",
        model=folder(
            config={**LLAMA, "model_type": "deepseek_v2"},
            files=[file("model.safetensors", 472_000_000_000, looks="safetensors")],
        ),
        on=machine(gpus=cards("NVIDIA A800-SXM4-80GB", 80, "8.0", 8)),
    ),
    "fastchat-train-lora-tensor-without-grad": told(
        "python fastchat/train/train_lora.py --model_name_or_path vicuna --lora_r 8 "
        "--gradient_checkpointing True --output_dir o",
        on=_beside(transformers="4.31.0", peft="0.4.0"),
    ),
    "llama-2-70b-chat-hf-bitsandbytes-shape-mismatch": _script(
        _LOADS + "m = AutoModelForCausalLM.from_pretrained('meta-llama/Llama-2-70b-chat-hf', "
        "load_in_8bit=True, device_map='auto')\nm.generate(ids, do_sample=False)\n",
        model=folder(config={**_SEVENTY, "pretraining_tp": 8}),
        on=_beside(transformers="4.31.0", bitsandbytes="0.41.0"),
    ),
    "llama-2-70b-transformers-shape-invalid": _script(
        "import transformers\n"
        "p = transformers.pipeline('text-generation', model='llama-2-70b', device_map='auto')\n"
        "p('hi', max_length=200)\n",
        model=folder(config=_SEVENTY),
        on=_beside(transformers="4.30.2"),
    ),
    "llama-3.1-8b-pipeline-answer-cut-short": _script(
        "import transformers, torch\n"
        "p = transformers.pipeline('text-generation', model='meta-llama/Meta-Llama-3.1-8B', "
        "model_kwargs={'torch_dtype': torch.bfloat16})\np('Hey how are you doing today?')\n",
        model=folder(
            config=LLAMA,
            documents={"generation_config.json": {"do_sample": True, "temperature": 0.6}},
        ),
        on=machine(
            system="Darwin", architecture="arm64", packages={"transformers": "4.44.0", "torch": "2"}
        ),
    ),
    "lora-all-linear-not-found-old-peft": _script(
        "from peft import LoraConfig\nfrom trl import SFTTrainer, SFTConfig\n"
        "lora = LoraConfig(r=256, lora_alpha=128, target_modules='all-linear')\n"
        "SFTTrainer('m', args=SFTConfig(output_dir='o'), peft_config=lora, train_dataset=d)\n",
        on=_beside(transformers="4.36.2", trl="0.7.10", peft="0.7.1"),
    ),
    "lora-b-matrices-stay-zero-with-checkpointing": told(
        "python unlearn.py --model_name_or_path m --use_lora True --lora_r 8 "
        "--gradient_checkpointing True --output_dir o",
        on=_beside(transformers="4.45.0", peft="0.12.0"),
    ),
    "lora-set-gradient-checkpointing-unexpected-keyword-enable": told(
        "torchrun --nproc_per_node 2 finetune.py --model_name_or_path Qwen-7B-Chat --use_lora "
        "--gradient_checkpointing True --output_dir o",
        model=folder(config=QWEN),
        on=_beside(transformers="4.35.0", peft="0.6.0"),
    ),
    "peft-0.6.2-regex-list-of-target-modules": _script(
        "from peft import LoraConfig, get_peft_model\n"
        + _LOADS
        + "m = AutoModelForCausalLM.from_pretrained('Langboat/bloom-1b4-zh')\n"
        "get_peft_model(m, LoraConfig(target_modules=[r'.*\\.query_key_value']))\n",
        on=_beside(transformers="4.35.2", peft="0.6.2"),
    ),
    "quickstart-with-1.5b-warns-attention-mask-not-set": _script(
        _LOADS + "name = 'Qwen/Qwen2-1.5B-Instruct'\n"
        "model = AutoModelForCausalLM.from_pretrained(name, torch_dtype='auto', "
        "device_map='auto')\ntokenizer = AutoTokenizer.from_pretrained(name)\n"
        "text = tokenizer.apply_chat_template(messages, tokenize=False)\n"
        "model_inputs = tokenizer([text], return_tensors='pt')\n"
        "model.generate(model_inputs.input_ids, max_new_tokens=512)\n",
        model=folder(
            config=QWEN2,
            documents={
                "generation_config.json": {
                    "pad_token_id": 151643,
                    "eos_token_id": [151645, 151643],
                }
            },
        ),
    ),
}
