"""The values that options of servers take, in any release that is known.

Read in 2026 from vLLM (vllm/config, model_executor/layers/quantization, model_loader), SGLang
(srt/server_args.py) and llama.cpp (common/arg.cpp).
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

_DTYPES: Final = "auto half float16 bfloat16 float float32"
_VLLM_CACHES: Final = (
    "auto float16 bfloat16 fp8 fp8_e4m3 fp8_e5m2 fp8_inc fp8_ds_mla nvfp4 nvfp4_ds_mla nvfp4_4over6"
    " int8 int8_per_token_head int4_per_token_head fp8_per_token_head turboquant_k8v4"
    " turboquant_4bit_nc turboquant_k3v4_nc turboquant_3bit_nc"
)
_VLLM_QUANTIZATIONS: Final = (
    "aqlm awq auto_awq awq_marlin cpu_awq auto-round auto_gptq bitblas bitsandbytes"
    " compressed-tensors deepgemm_fp8 deepseek_v4_fp8 deepspeedfp experts_int8 fbgemm_fp8 fp8"
    " fp8_per_tensor fp8_per_block fp8_per_channel fp_quant gguf gpt_oss_mxfp4 gptq gptq_bitblas"
    " gptq_marlin gptq_marlin_24 hqq humming inc int8_per_channel_weight_only ipex marlin modelopt"
    " modelopt_fp4 modelopt_fp8 modelopt_mixed modelopt_mxfp8 moe_wna16 mxfp4 mxfp8 neuron_quant"
    " nvfp4_per_token online petit_nvfp4 ptpc_fp8 qqq quark rtn squeezellm torchao tpu_int8 ascend"
)
_VLLM_LOADS: Final = (
    "auto hf pt safetensors npcache dummy tensorizer sharded_state gguf bitsandbytes mistral"
    " runai_streamer runai_streamer_sharded fastsafetensors instanttensor modelexpress rwkv_pth"
    " layered"
)
_SGLANG_QUANTIZATIONS: Final = (
    "awq awq_marlin auto-round auto-round-int8 bitsandbytes compressed-tensors fp8 fp8_e4m3"
    " fbgemm_fp8 gguf gptq gptq_marlin humming marlin mlx_q4 mlx_q8 modelopt modelopt_fp4"
    " modelopt_fp8 modelopt_mixed modelslim moe_wna16 mxfp4 mxfp8 mxfp_w4a8 nvfp4_online"
    " petit_nvfp4 qoq quark quark_int4fp8_moe quark_mxfp4 unquant w4afp8 w8a8_fp8 w8a8_int8"
)
_SGLANG_LOADS: Final = (
    "auto pt safetensors npcache dummy sharded_state presharded gguf expert_pack bitsandbytes"
    " mistral layered jax flash_rl remote remote_instance fastsafetensors private runai_streamer"
)
_CLASS: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
"""A class by its module, as Python imports it."""
_LLAMA_CACHES: Final = "f32 f16 bf16 q8_0 q4_0 q4_1 iq4_nl q5_0 q5_1"


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """The values of an option; `is_closed` where no release will take another soon.

    With `folds` capital letters are small ones, with `names_classes` a class of Python by its
    module is a value too.
    """

    values: frozenset[str]
    is_closed: bool = False
    folds: bool = False
    names_classes: bool = False

    def take(self, value: str) -> bool:
        """Tell whether the option takes a value."""
        if self.names_classes and _CLASS.fullmatch(value):
            return True
        return (value.lower() if self.folds else value) in self.values


def _open(text: str, *, folds: bool = False, names_classes: bool = False) -> Choices:
    values = frozenset(text.split())
    return Choices(values=values, folds=folds, names_classes=names_classes)


def _closed(text: str) -> Choices:
    return Choices(values=frozenset(text.split()), is_closed=True)


CHOICES: Final[Mapping[str, Mapping[str, Choices]]] = {
    "vllm": {
        "dtype": _closed(_DTYPES),
        "kv_cache_dtype": _open(_VLLM_CACHES),
        "quantization": _open(_VLLM_QUANTIZATIONS, folds=True),
        "tokenizer_mode": _open(
            "auto hf slow mistral custom deepseek_v32 deepseek_v4 qwen_vl", folds=True
        ),
        "load_format": _open(_VLLM_LOADS, folds=True),
        "distributed_executor_backend": _open("ray mp uni external_launcher", names_classes=True),
    },
    "sglang": {
        "dtype": _closed(_DTYPES),
        "kv_cache_dtype": _open(
            "auto fp8_e5m2 fp8_e4m3 bf16 bfloat16 fp4_e2m1 mxfp8 nvfp4 fp4_mx_block16"
        ),
        "quantization": _open(_SGLANG_QUANTIZATIONS),
        "tokenizer_mode": _closed("auto slow"),
        "load_format": _open(_SGLANG_LOADS),
    },
    "llama.cpp": {
        "cache_type_k": _open(_LLAMA_CACHES),
        "cache_type_v": _open(_LLAMA_CACHES),
        "split_mode": _open("none layer row tensor"),
        "rope_scaling": _closed("none linear yarn"),
        "pooling": _closed("none mean cls last rank"),
        "numa": _closed("distribute isolate numactl"),
    },
}
"""By the engine, then by the name that an option's value is kept under."""
MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    "fp16": ("float16", "f16"),
    "bf16": ("bfloat16",),
    "fp32": ("float32", "f32"),
    "float16": ("f16",),
    "bfloat16": ("bf16",),
    "float32": ("f32",),
    "bnb": ("bitsandbytes",),
    "nf4": ("bitsandbytes",),
    "int4": ("bitsandbytes", "q4_0"),
    "int8": ("bitsandbytes", "q8_0"),
    "4bit": ("bitsandbytes", "q4_0"),
    "8bit": ("bitsandbytes", "q8_0"),
    "q8": ("q8_0",),
    "q4": ("q4_0",),
    "fp8": ("fp8_e4m3", "q8_0"),
    "e4m3": ("fp8_e4m3",),
    "e5m2": ("fp8_e5m2",),
    "autoround": ("auto-round",),
    "fast": ("auto",),
}
"""Names from elsewhere, and what may be meant by them where the option has it."""
