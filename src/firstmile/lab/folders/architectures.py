"""Configs of many architectures at sizes of some hundred kilobytes, as their families set them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

_SIZES: Final[Mapping[str, Any]] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
}

_LLAMA_3_ROPE: Final = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


def _sized(name: str, **settings: Any) -> Callable[[Any, Mapping[str, Any]], Any]:
    def make(library: Any, ids: Mapping[str, Any]) -> Any:
        return getattr(library, name)(**{**_SIZES, **ids, **settings})

    return make


def _plain(name: str, **settings: Any) -> Callable[[Any, Mapping[str, Any]], Any]:
    def make(library: Any, ids: Mapping[str, Any]) -> Any:
        return getattr(library, name)(**{**ids, **settings})

    return make


CONFIGS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], Any]]] = {
    "llama-3": _sized("LlamaConfig", max_position_embeddings=131072, rope_parameters=_LLAMA_3_ROPE),
    "llama-2": _sized("LlamaConfig", max_position_embeddings=4096),
    "llama-4": _sized(
        "Llama4TextConfig", head_dim=8, num_local_experts=2, intermediate_size_mlp=128
    ),
    "qwen-2": _sized(
        "Qwen2Config",
        max_position_embeddings=32768,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
        tie_word_embeddings=True,
    ),
    "qwen-3": _sized(
        "Qwen3Config",
        max_position_embeddings=40960,
        head_dim=16,
        rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
    ),
    "qwen-2-moe": _sized(
        "Qwen2MoeConfig",
        max_position_embeddings=32768,
        num_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=32,
        shared_expert_intermediate_size=32,
    ),
    "qwen-3-moe": _sized(
        "Qwen3MoeConfig",
        max_position_embeddings=40960,
        head_dim=16,
        num_experts=8,
        num_experts_per_tok=2,
        moe_intermediate_size=32,
    ),
    "deepseek-v3": _sized(
        "DeepseekV3Config",
        num_key_value_heads=8,
        max_position_embeddings=163840,
        q_lora_rank=16,
        kv_lora_rank=16,
        qk_rope_head_dim=8,
        qk_nope_head_dim=8,
        v_head_dim=8,
        n_routed_experts=8,
        num_experts_per_tok=2,
        n_group=2,
        topk_group=1,
        moe_intermediate_size=32,
        first_k_dense_replace=1,
        n_shared_experts=1,
        rope_parameters={
            "rope_type": "yarn",
            "rope_theta": 10000.0,
            "factor": 40.0,
            "original_max_position_embeddings": 4096,
            "beta_fast": 32.0,
            "beta_slow": 1.0,
            "mscale": 1.0,
            "mscale_all_dim": 1.0,
        },
    ),
    "mixtral": _sized("MixtralConfig", num_local_experts=4, max_position_embeddings=32768),
    "mistral": _sized("MistralConfig", max_position_embeddings=131072, sliding_window=None),
    "gemma-2": _sized(
        "Gemma2Config", head_dim=16, sliding_window=4096, max_position_embeddings=8192
    ),
    "gemma-3": _sized(
        "Gemma3TextConfig", head_dim=16, sliding_window=512, max_position_embeddings=32768
    ),
    "phi-3": _sized("Phi3Config", max_position_embeddings=4096, sliding_window=2047),
    "gpt-oss": _sized(
        "GptOssConfig",
        head_dim=16,
        num_local_experts=4,
        num_experts_per_tok=2,
        sliding_window=128,
        max_position_embeddings=131072,
    ),
    "gpt-2": _plain("GPT2Config", n_embd=64, n_layer=2, n_head=8, n_positions=1024),
    "falcon": _plain(
        "FalconConfig",
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=8,
        multi_query=True,
        new_decoder_architecture=False,
        parallel_attn=True,
        bias=False,
    ),
    "command-r": _sized("CohereConfig", max_position_embeddings=8192),
    "glm-4": _sized("Glm4Config", head_dim=8, max_position_embeddings=32768),
    "olmo-2": _sized("Olmo2Config", max_position_embeddings=4096),
    "granite": _sized("GraniteConfig", max_position_embeddings=131072),
    "starcoder-2": _sized("Starcoder2Config", max_position_embeddings=16384),
    "smollm-3": _sized("SmolLM3Config", max_position_embeddings=65536),
    "gpt-neox": _plain(
        "GPTNeoXConfig",
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=8,
        max_position_embeddings=2048,
    ),
    "mamba": _plain("MambaConfig", hidden_size=64, num_hidden_layers=2, state_size=8),
}
"""How each architecture is described, given the ids of its tokenizer."""
