"""Subject: whether a text is about models at all, their software or the machines they run on.

Printers fail, too, and so do the scripts that somebody wrote for sales figures.
"""

import re
from collections.abc import Sequence
from typing import Final

from firstmile.diagnose.reading import Line
from firstmile.redaction.rule import Late

_LONGEST: Final = 4_000
_MODELS: Final = Late(
    r"llm|llama|vllm|lora|peft|dtype|bfloat|float16|cudnn|cublas|slurm|\bsrun|sbatch|ascend|\bacl\b|"
    r"\bmat1\b|openai|streamlit|\bsse\b|sglang|qwen|deepseek|mistral|mixtral|gemma|glm|\bgpt|baichuan|internlm|"
    r"\b(?:phi|yi|bert|roberta|t5|whisper|clip|lora|peft|rlhf|dpo|grpo|ppo|sft|moe|rag|kv|trl|"
    r"awq|gptq|gguf|ggml|nf4|fp8|fp16|bf16|int4|int8|nccl|rccl|gloo|zero-?[123]|fsdp|ddp|vram|oom|"
    r"cpu|gpu|npu|tpu|xpu|mps|cuda|rocm|rtx|hbm|a100|h100|h800|a800|v100|sdpa)s?\b|"
    r"cuda|gpu|npu|torch|tensor|transformers|huggingface|hugging face|hf[_-]|modelscope|"
    r"tokeni[sz]|\btokens?\b|checkpoint|safetensors|\bweights?\b|embedding|quanti[sz]|attention|"
    r"fine-?tun|\btrain(?:s|ed|er|ing)?\b|\bloss\b|gradient|\bepochs?\b|\bbatch|inference|"
    r"\bprompts?\b|\bmodels?\b|chat|completions?\b|generat(?:e|ion|ing)|decod|logits?\b|softmax|"
    r"deepspeed|megatron|accelerate|bitsandbytes|flash.?att|xformers|triton|ollama|gradio|"
    r"langchain|lmdeploy|unsloth|axolotl|wandb|datasets?\b|nvidia|\brank ?\d|numpy|\bray\b|"
    r"system prompt|\bdriver|out of memory|\bkilled process\b|"
    r"模型|显存|显卡|微调|训练|推理|权重|量化|分词|词表|多卡|单卡|token|张卡|对话|回答|提示词|"
    r"生成|输出|大语言|驱动版本|流式|采样|精度|加载",
    re.IGNORECASE,
)


def is_about_models(lines: Sequence[Line]) -> bool:
    """Say whether a line has a word of models, of what they run in or on, or of training."""
    return any(_MODELS.search(line.text[:_LONGEST]) for line in lines)
