"""LLaMA-Factory's templates by name (data/template.py, 0.1 to 2026), and their marks."""

from collections.abc import Mapping
from typing import Final

_NAMES: Final = """
    aeva alpaca aquila atom baichuan baichuan2 bailing bailing_v2 belle billa bluelm breeze chatglm2
    chatglm3 chatglm3_raw chatglm3_system chatml chatml_de codegeex2 codegeex4 cohere cpm cpm3 cpm4
    dbrx deepseek deepseek3 deepseekcoder deepseekr1 default dots_ocr empty ernie ernie_nothink
    ernie_vl exaone falcon falcon_h1 fewshot gemma gemma2 gemma3 gemma3n gemma4 gemma4n glm4 glm4_5v
    glm4_7 glm4_moe glm4v glm_ocr glmz1 gpt gpt_oss granite3 granite3_vision granite4 hunyuan
    hunyuan_small hy3 hy_dense_1_8b hy_dense_7b index intern intern2 intern_s1 intern_vl keye_vl
    kimi_vl lfm2 lfm2_vl linly llama2 llama2_zh llama3 llama4 llava llava_next llava_next_llama3
    llava_next_mistral llava_next_qwen llava_next_video llava_next_video_mistral llava_next_video_yi
    llava_next_yi marco mimo mimo_v2 mimo_vl minicpm_o minicpm_v minicpm_v_4_6 minimax1 minimax2
    ministral ministral3 mistral mistral_small mllama moonlight moss_vl olmo openchat openchat-3.6
    opencoder orion paligemma paligemma_chat phi phi4 phi4_mini phi_small pixtral qwen qwen2_audio
    qwen2_omni qwen2_vl qwen3 qwen3_5 qwen3_5_nothink qwen3_6 qwen3_nothink qwen3_omni
    qwen3_omni_nothink qwen3_vl qwen3_vl_nothink sailor seed_coder seed_oss skywork_o1 smollm
    smollm2 solar starchat telechat telechat2 vanilla vicuna video_llava xuanyuan xverse yayi yi
    yi_vl youtu youtu_vl yuan zephyr ziya
"""
NAMES: Final = frozenset(_NAMES.split())
"""The templates of any release that is known."""
MARKS: Final[Mapping[str, tuple[str, ...]]] = {
    "<|start_header_id|>": ("llama3", "mllama", "llava_next_llama3", "openchat-3.6"),
    "<|header_start|>": ("llama4",),
    "<|im_start|>": (
        *("qwen", "qwen3", "qwen3_nothink", "qwen2_vl", "qwen3_vl", "qwen3_vl_nothink"),
        *("qwen2_audio", "qwen2_omni", "qwen3_omni", "qwen3_omni_nothink", "qwen3_5"),
        *("qwen3_5_nothink", "qwen3_6", "intern2", "intern_s1", "intern_vl", "mimo", "mimo_v2"),
        *("mimo_vl", "smollm", "smollm2", "yi", "lfm2", "lfm2_vl", "cpm4", "keye_vl"),
    ),
    "<start_of_turn>": ("gemma", "gemma2", "gemma3", "gemma3n"),
    "<|turn>": ("gemma4", "gemma4n"),
    "<｜User｜>": ("deepseek3", "deepseekr1"),
    "<|START_OF_TURN_TOKEN|>": ("cohere",),
    "<|start_of_role|>": ("granite3", "granite4"),
    "<|im_sep|>": ("phi4",),
    "<|im_user|>": ("kimi_vl", "moonlight"),
    "<|message|>": ("gpt_oss",),
    "<|end|>": ("phi", "phi_small", "phi4_mini"),
    "<|user|>": ("glm4", "glm4_moe", "glm4v", "glm4_5v", "glm4_7", "glmz1"),
}
"""Tokens that begin or part the turns, and the templates that write them."""
OF_TYPES: Final[Mapping[str, str]] = {
    "qwen2": "qwen",
    "qwen2_moe": "qwen",
    "qwen2_vl": "qwen2_vl",
    "qwen2_5_vl": "qwen2_vl",
    "qwen3": "qwen3",
    "qwen3_moe": "qwen3",
    "qwen3_vl": "qwen3_vl",
    "gemma": "gemma",
    "gemma2": "gemma2",
    "gemma3": "gemma3",
    "gemma3_text": "gemma3",
    "gemma4": "gemma4",
    "mistral": "mistral",
    "mixtral": "mistral",
    "llama4": "llama4",
    "mllama": "mllama",
    "deepseek_v3": "deepseek3",
    "gpt_oss": "gpt_oss",
    "cohere": "cohere",
    "glm4": "glm4",
    "glm4_moe": "glm4_moe",
}
"""The template of a model type, where all its models are chatted with alike."""


def mark_of(template: str) -> str | None:
    """Return the token that a template writes at its turns, None where it is not told by one."""
    return next((mark for mark, names in MARKS.items() if template in names), None)
