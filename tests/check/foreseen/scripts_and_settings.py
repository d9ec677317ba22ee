"""Cases that a script, a setting, a template or a list of packages tells of beforehand."""

from collections.abc import Mapping
from typing import Any, Final

from check.foreseen.told import END_OF_TURN, GPTQ, QWEN, QWEN2, Told, cards, tokenizer, told
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.worlds import LLAMA, folder, machine
from firstmile.facts.model_folder.folder import AddedToken

_QUANTIZED: Final = folder(config={**QWEN, "quantization_config": GPTQ})
_NO_GPU: Final = machine(
    packages={"auto-gptq": "0.4.2", "torch": "2.0.1", "transformers": "4.34.0"}
)
_FILLING: Final = (
    *END_OF_TURN,
    AddedToken(id=151660, content="<|fim_middle|>", special=False),
    AddedToken(id=151662, content="<|fim_pad|>", special=False),
    AddedToken(id=151664, content="<|file_sep|>", special=False),
)
_LOADS: Final = "from transformers import AutoModelForCausalLM, AutoTokenizer\n"
_TEMPLATED: Final = (
    "tokenizer = AutoTokenizer.from_pretrained('m')\n"
    "text = tokenizer.apply_chat_template(messages, tokenize=False)\n"
)
_PLAIN_CONFIG: Final = {"do_sample": False, "temperature": 0.9, "top_p": 0.6}


def _script(text: str, **said: Any) -> Told:
    return told("python script.py", files={"script.py": text}, **said)


def _tuned_base(*, eos_token: str) -> Told:
    return told(
        Intent(engine="transformers", action=Action.GENERATE),
        model=folder(
            config=QWEN2,
            documents={
                "generation_config.json": {"eos_token_id": 151643},
                "tokenizer_config.json": {"eos_token": eos_token},
            },
            templates=(template(chatml),),
            tokenizer=tokenizer(*END_OF_TURN),
        ),
    )


WORLDS: Final[Mapping[str, Told]] = {
    "7b-chat-breaks-after-installing-flashattention": _script(
        _LOADS + "m = AutoModelForCausalLM.from_pretrained('Qwen/Qwen-7B-Chat', "
        "device_map='auto', trust_remote_code=True)\n"
        "m.chat(tokenizer, prompt, history=None)\n",
        model=folder(config=QWEN),
        on=machine(
            gpus=cards("a card before Ampere", 24, "7.5"),
            packages={"flash-attn": "2.3.0", "torch": "2.0.1", "transformers": "4.34.0"},
        ),
    ),
    "coder-7b-fim-repeats-fim-pad": told(
        Intent(engine="transformers", action=Action.GENERATE, model="Qwen/Qwen2.5-Coder-7B"),
        model=folder(
            config=QWEN2,
            documents={"generation_config.json": {"eos_token_id": 151643}},
            tokenizer=tokenizer(*_FILLING),
        ),
    ),
    "fim-completion-contains-fim-prefix-and-pad-tokens": told(
        Intent(engine="transformers", action=Action.GENERATE, model="Qwen/Qwen2.5-Coder-7B"),
        model=folder(
            config=QWEN2,
            documents={"generation_config.json": {"eos_token_id": 151643}},
            tokenizer=tokenizer(*_FILLING),
        ),
    ),
    "fine-tuning-14b-chat-flash-attention-seqlen-assertion": told(
        "python fastchat/train/train_qwen.py --model_name_or_path Qwen-14B-Chat --output_dir o",
        model=folder(config=QWEN),
        on=machine(
            gpus=cards("NVIDIA A100", 80, "8.0"),
            packages={"flash-attn": "2.3.0", "torch": "2.0.1", "transformers": "4.34.0"},
        ),
    ),
    "flash-attn-2.5.7-torch-2.3.0-undefined-symbol": told(
        on=machine(
            packages={"torch": "2.3.0", "flash-attn": "2.5.7", "exllamav2": "0.0.19"},
        )
    ),
    "fully-tuned-qwen2-1.5b-base-repeats-until-limit": _tuned_base(eos_token="<|endoftext|>"),
    "gptq-int4-in-modelscope-cpu-notebook-half-error": _script(
        "from modelscope import AutoModelForCausalLM\n"
        "m = AutoModelForCausalLM.from_pretrained('qwen/Qwen-7B-Chat-Int4', device_map='auto', "
        "trust_remote_code=True)\nm.chat(tokenizer, 'hi', history=None)\n",
        model=_QUANTIZED,
        on=_NO_GPU,
    ),
    "llama-2-7b-base-in-chat-example-answers-nothing": told(
        "torchrun --nproc_per_node 1 example_chat_completion.py --ckpt_dir llama-2-7b/ "
        "--tokenizer_path tokenizer.model --max_seq_len 512 --max_batch_size 6"
    ),
    "llama-2-7b-loss-zero-at-rate-0.05": told(
        "python src/train_bash.py --stage sft --do_train --model_name_or_path llama-2-7b "
        "--finetuning_type lora --per_device_train_batch_size 2 --gradient_accumulation_steps 8 "
        "--learning_rate 0.05 --output_dir o --dataset d --template llama2"
    ),
    "llama-2-7b-ms-save-fails-do-sample-temperature": told(
        "python src/train_bash.py --stage sft --do_train --model_name_or_path Llama-2-7b-ms "
        "--finetuning_type freeze --per_device_train_batch_size 8 --save_steps 1000 --fp16 "
        "--gradient_accumulation_steps 4 --num_train_epochs 3 --output_dir o --dataset d "
        "--template llama2",
        model=folder(config=LLAMA, documents={"generation_config.json": _PLAIN_CONFIG}),
        on=machine(packages={"transformers": "4.38.2", "torch": "2.2.1"}),
    ),
    "llama-3-8b-sft-script-applies-missing-template": told(
        "python sft.py --model_name_or_path meta-llama/Meta-Llama-3-8B",
        files={
            "sft.py": "import argparse\nfrom transformers import Trainer, TrainingArguments\n"
            + _LOADS
            + _TEMPLATED
            + "Trainer(model=m, args=TrainingArguments(output_dir='o'), train_dataset=d).train()\n"
        },
        model=folder(tokenizer=tokenizer()),
    ),
    "llama-3.1-8b-rope-scaling-two-fields": told(
        Intent(engine="transformers", action=Action.LOAD),
        model=folder(
            config={
                **LLAMA,
                "rope_scaling": {
                    "rope_type": "llama3",
                    "factor": 8.0,
                    "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0,
                    "original_max_position_embeddings": 8192,
                },
            }
        ),
        on=machine(packages={"transformers": "4.42.4", "torch": "2.3.0"}),
    ),
    "llama2-7b-sharegpt-sft-no-chat-template": _script(
        _LOADS + _TEMPLATED + "m = AutoModelForCausalLM.from_pretrained('m')\nm.generate(text)\n",
        model=folder(config=LLAMA, tokenizer=tokenizer()),
    ),
    "old-autogptq-does-not-know-qwen2": _script(
        "from auto_gptq import AutoGPTQForCausalLM, BaseQuantizeConfig\n"
        "m = AutoGPTQForCausalLM.from_pretrained('Qwen1.5-14B-Chat', BaseQuantizeConfig(bits=4))\n",
        model=folder(config=QWEN2),
        on=machine(
            packages={"auto-gptq": "0.6.0", "transformers": "4.37.2", "torch": "2.1.2"},
        ),
    ),
    "openai-api-7b-int4-addmm-not-implemented-for-half": _script(
        _LOADS + "m = AutoModelForCausalLM.from_pretrained('Qwen/Qwen-7B-Chat-Int4', "
        "device_map='cpu', trust_remote_code=True)\nm.chat(tokenizer, 'hi')\n",
        model=_QUANTIZED,
        on=machine(
            gpus=cards("a card", 24, "8.6"),
            packages={"auto-gptq": "0.6.0", "torch": "2.1.2", "transformers": "4.36.2"},
        ),
    ),
    "qwen-7b-int4-started-on-cpu-internal-assert-cuda-guard": _script(
        _LOADS + "m = AutoModelForCausalLM.from_pretrained('./int4', device_map='cpu', "
        "offload_folder='o', fp32=True, fp16=False, bf16=False, trust_remote_code=True)\n"
        "m.chat(tokenizer, 'hi')\n",
        model=_QUANTIZED,
        on=_NO_GPU,
    ),
    "qwen2-7b-float16-generate-only-exclamation-marks": _script(
        "import torch\n" + _LOADS + "m = AutoModelForCausalLM.from_pretrained("
        "'Qwen/Qwen2-7B-Instruct', torch_dtype=torch.float16, device_map='auto')\n"
        "m.generate(ids, max_new_tokens=512)\n",
        model=folder(config=QWEN2),
        on=machine(gpus=cards("a card with bfloat16", 24, "8.0")),
    ),
    "sglang-llama-3.2-1b-base-no-chat-template": told(
        "python -m sglang.launch_server --model-path meta-llama/Llama-3.2-1B",
        model=folder(config=LLAMA, tokenizer=tokenizer()),
    ),
    "trl-sft-example-save-model-generation-config": told(
        "python examples/scripts/sft.py --model_name_or_path m --output_dir o",
        model=folder(config=LLAMA, documents={"generation_config.json": _PLAIN_CONFIG}),
        on=machine(packages={"transformers": "4.39.2", "trl": "0.8.1", "torch": "2.2.1"}),
    ),
    "tuned-qwen2.5-base-never-stops-eos-token-differs": _tuned_base(eos_token="<|im_end|>"),
    "qlora-script-quantlinear-is-not-supported": told(
        "python finetune.py --model_name_or_path Qwen-7B-Chat-Int4 --use_lora --q_lora "
        "--output_dir o",
        model=_QUANTIZED,
        on=machine(
            gpus=cards("a card", 24, "8.0"),
            packages={
                "transformers": "4.32.0",
                "torch": "2.0.1",
                "auto-gptq": "0.4.2",
                "peft": "0.4.0",
            },
        ),
    ),
    "video-r1-sfttrainer-unexpected-keyword-tokenizer": _script(
        "from trl import SFTTrainer, SFTConfig\n"
        "SFTTrainer(model=m, args=SFTConfig(output_dir='o'), tokenizer=processor.tokenizer)\n",
        on=machine(packages={"trl": "0.16.0", "transformers": "4.50.0", "torch": "2.6.0"}),
    ),
}
