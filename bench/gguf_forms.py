"""How llama.cpp lays out the blocks of the architectures that GGUF headers are written for.

Sources: tensors and shapes in src/models of llama.cpp, names in src/llama-arch.cpp.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How llama.cpp lays out the blocks of an architecture.

    `norms` are those of a block; `whole_heads` says that queries and keys are normed over all
    heads at once, `gate` how the feed-forward part is gated: in a matrix of its own, "fused" with
    the other one, or not at all.
    """

    name: str
    norms: tuple[str, ...] = ("attn_norm", "ffn_norm")
    centered: bool = False
    fused: bool = False
    biases: tuple[str, ...] = ()
    head_norms: bool = False
    whole_heads: bool = False
    gate: str = "own"
    head: bool | None = None
    last_norm: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)


_POST: Final = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
_ALL_BIASES: Final = ("attn_qkv", "attn_output", "ffn_up", "ffn_down")
QKV: Final = ("attn_q", "attn_k", "attn_v")
FORMS: Final = {
    "llama": Form(name="llama"),
    "mistral": Form(name="llama"),
    "mixtral": Form(name="llama"),
    "smollm3": Form(name="smollm3"),
    "granite": Form(name="granite", settings={"logit_scale": 16.0}),
    "llama4": Form(name="llama4"),
    "qwen2": Form(name="qwen2", biases=QKV),
    "qwen2_moe": Form(name="qwen2moe", biases=QKV),
    "qwen3": Form(name="qwen3", head_norms=True),
    "qwen3_moe": Form(name="qwen3moe", head_norms=True),
    "qwen3_next": Form(
        name="qwen3next", norms=("attn_norm", "post_attention_norm"), head_norms=True
    ),
    "deepseek_v2": Form(name="deepseek2"),
    "deepseek_v3": Form(name="deepseek2"),
    "gemma2": Form(name="gemma2", norms=_POST, head=False),
    "gemma3": Form(name="gemma3", norms=_POST, head_norms=True, head=False),
    "gemma3_text": Form(name="gemma3", norms=_POST, head_norms=True, head=False),
    "phi3": Form(name="phi3", fused=True, gate="fused"),
    "phi": Form(
        name="phi2",
        norms=("attn_norm",),
        centered=True,
        fused=True,
        gate="none",
        biases=(*_ALL_BIASES, "output"),
    ),
    "gpt_oss": Form(
        name="gpt-oss",
        norms=("attn_norm", "post_attention_norm"),
        biases=(*QKV, "attn_output", "experts"),
    ),
    "glm4": Form(name="glm4", norms=_POST, gate="fused"),
    "glm4_moe": Form(name="glm4moe", norms=("attn_norm", "post_attention_norm")),
    "cohere": Form(
        name="command-r", norms=("attn_norm",), head=False, settings={"logit_scale": 0.0625}
    ),
    "cohere2": Form(
        name="cohere2", norms=("attn_norm",), head=False, settings={"logit_scale": 0.25}
    ),
    "falcon": Form(
        name="falcon", norms=("attn_norm",), centered=True, fused=True, gate="none", head=True
    ),
    "gpt2": Form(
        name="gpt2", centered=True, fused=True, gate="none", head=False, biases=_ALL_BIASES
    ),
    "gpt_neox": Form(
        name="gptneox",
        centered=True,
        fused=True,
        gate="none",
        biases=_ALL_BIASES,
        settings={"use_parallel_residual": True},
    ),
    "bloom": Form(
        name="bloom", centered=True, fused=True, gate="none", head=False, biases=_ALL_BIASES
    ),
    "starcoder2": Form(
        name="starcoder2",
        centered=True,
        gate="none",
        head=False,
        biases=(*QKV, "attn_output", "ffn_up", "ffn_down"),
    ),
    "olmo": Form(name="olmo", norms=(), last_norm=False),
    "olmo2": Form(name="olmo2", norms=("post_attention_norm", "post_ffw_norm"), whole_heads=True),
    "olmoe": Form(name="olmoe", whole_heads=True),
}
"""By `model_type`. OPT is not among the architectures of llama.cpp."""


def form_of(config: Mapping[str, Any]) -> Form | None:
    """Return how llama.cpp lays out a model, None where it does not know the architecture."""
    return FORMS.get(str(config["model_type"]))
