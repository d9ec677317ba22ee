"""Names that releases of transformers dropped, and that custom code of models imports."""

from typing import Final

GONE_IN: Final[dict[str, str]] = {
    "top_k_top_p_filtering": "4.42",
    "LlamaFlashAttention2": "4.48",
    "LlamaSdpaAttention": "4.48",
    "Qwen2FlashAttention2": "4.48",
    "AdamW": "4.50",
    "LossKwargs": "4.54",
    "LlamaDynamicNTKScalingRotaryEmbedding": "5.0.0",
    "SampleOutput": "5.0.0",
    "GreedySearchDecoderOnlyOutput": "5.0.0",
    "shard_checkpoint": "5.0.0",
    "LLAMA_INPUTS_DOCSTRING": "5.0.0",
    "SinkCache": "5.0.0",
    "HybridCache": "5.0.0",
    "is_torch_fx_available": "5.0.0",
    "AutoModelForVision2Seq": "5.0.0",
    "TRANSFORMERS_CACHE": "5.0.0",
    "FLAX_WEIGHTS_NAME": "5.0.0",
    "find_pruneable_heads_and_indices": "5.0.0",
}
"""Last part of a name, and a release from which on it is gone for certain.

Tried on transformers 4.46.3 and 5.23.0; the releases between are those of the entry
`code-imports-a-name-that-transformers-dropped`, and where it says none, 5.0.0 stands, although some
went earlier: https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md"""
