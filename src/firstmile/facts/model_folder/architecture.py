"""The sizes that a config states, in one vocabulary whatever the architecture calls them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.hybrids import bare_layers, layers_with_states

_TEXT_PARTS: Final = ("text_config", "llm_config", "language_config", "thinker_config")
"""Where configs of models that also see or hear keep what concerns text."""

_LEFT_OUT: Final[Mapping[str, Mapping[str, Any]]] = {
    "gemma3_text": {
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "hidden_size": 2304,
        "num_hidden_layers": 26,
        "intermediate_size": 9216,
        "vocab_size": 262208,
        "max_position_embeddings": 131072,
        "sliding_window": 4096,
        "sliding_window_pattern": 6,
    },
    "gemma2": {"sliding_window": 4096, "layer_period_of_full": 2},
    "cohere2": {"sliding_window": 4096, "sliding_window_pattern": 4},
    "gpt2": {
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
        "n_positions": 1024,
        "vocab_size": 50257,
    },
    "mixtral": {"num_local_experts": 8, "num_experts_per_tok": 2},
}
"""What published configs of a type leave to the defaults of its class in transformers."""


MOST_LAYERS: Final = 10_000
"""A config that states more, or fewer than none, states nothing: what follows counts through them.

Published models have some hundred at most.
"""
_FAR: Final = 2**53
"""A size beyond is none: numbers that size no longer count one by one as floats."""


class LatentAttention(msgspec.Struct, frozen=True, kw_only=True):
    """Multi-head latent attention: widths as DeepSeek-V2 (arXiv 2405.04434, 2.1) names them."""

    kv_rank: int
    query_rank: int | None
    nope_width: int
    rope_width: int
    value_width: int


class Experts(msgspec.Struct, frozen=True, kw_only=True):
    """A mixture of experts. `dense_layers` are the layers, by number, that have none."""

    routed: int
    shared: int
    chosen: int | None
    width: int | None
    shared_width: int | None
    dense_layers: tuple[int, ...] = ()


TIED_UNLESS_SAID: Final = frozenset(
    (
        *("bloom", "cohere", "cohere2", "falcon", "gemma", "gemma2", "gemma3", "gemma3_text"),
        *("gemma3n", "gemma3n_text", "gpt2", "gpt_bigcode", "gpt_neo", "mpt", "opt"),
        "starcoder2",
    )
)
"""Families whose class ties embedding and head where the config does not say."""


class Architecture(msgspec.Struct, frozen=True, kw_only=True):
    """What a config says of a decoder; None where it does not.

    Widths count numbers, not bytes. `sliding_layers` are those, by number, whose attention sees
    the window alone, `linear_layers` those of gated delta nets, which keep a state instead of keys
    and values; so do `state_layers`, which are of other kinds (state spaces, short convolutions).
    `bare_layers` keep nothing: they do not mix tokens, or read another layer's keys and values.
    """

    model_type: str | None
    names: tuple[str, ...]
    hidden: int | None
    layers: int | None
    heads: int | None
    kv_heads: int | None
    head_width: int | None
    feed_forward: int | None
    vocabulary: int | None
    positions: int | None
    window: int | None
    sliding_layers: tuple[int, ...]
    linear_layers: tuple[int, ...]
    state_layers: tuple[int, ...]
    bare_layers: tuple[int, ...]
    tied: bool | None
    dtype: str | None
    rope: Mapping[str, Any] | None
    rope_theta: float | None
    latent: LatentAttention | None
    experts: Experts | None


def text_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a config that concerns text: the config itself in most models."""
    for name in _TEXT_PARTS:
        part = config.get(name)
        if isinstance(part, Mapping) and len(part) > 2:
            return text_config(part)
    return config


def read_architecture(config: Mapping[str, Any]) -> Architecture:
    """Return the sizes of the text part of a config."""
    stated = text_config(config)
    kind = stated.get("model_type", config.get("model_type"))
    text = {**_LEFT_OUT.get(kind, {}), **stated} if isinstance(kind, str) else stated
    hidden = _int(text, "hidden_size", "n_embd", "d_model", "dim", "model_dim")
    heads = _int(text, "num_attention_heads", "n_head", "n_heads", "num_heads")
    layers = _layers(_int(text, "num_hidden_layers", "n_layer", "n_layers", "num_layers"))
    names = config.get("architectures")
    rope = text.get("rope_scaling") or text.get("rope_parameters")
    theta = text.get("rope_theta")
    if theta is None and isinstance(rope, Mapping):
        theta = rope.get("rope_theta")
    tied = text.get("tie_word_embeddings", config.get("tie_word_embeddings"))
    dtype = _first(text, config, "torch_dtype", "dtype")
    return Architecture(
        model_type=_text(config.get("model_type")) or _text(text.get("model_type")),
        names=tuple(str(one) for one in names) if isinstance(names, list) else (),
        hidden=hidden,
        layers=layers,
        heads=heads,
        kv_heads=_kv_heads(text, heads),
        head_width=_head_width(text, hidden, heads),
        feed_forward=_feed_forward(text),
        vocabulary=_int(text, "vocab_size", "padded_vocab_size"),
        positions=_int(
            text, "max_position_embeddings", "n_positions", "seq_length", "max_seq_len", "n_ctx"
        ),
        window=_window(text),
        sliding_layers=_layers_of(text, layers, "sliding_attention"),
        linear_layers=_layers_of(text, layers, "linear_attention"),
        state_layers=layers_with_states(text, layers),
        bare_layers=bare_layers(text, layers),
        tied=tied if isinstance(tied, bool) else None,
        dtype=_text(dtype),
        rope=rope if isinstance(rope, Mapping) else None,
        rope_theta=_float(theta),
        latent=_latent(text),
        experts=_experts(text, layers),
    )


def is_tied(sizes: Architecture) -> bool:
    """Say whether embedding and head are one matrix."""
    return sizes.tied if sizes.tied is not None else sizes.model_type in TIED_UNLESS_SAID


def _first(text: Mapping[str, Any], config: Mapping[str, Any], *names: str) -> Any:
    for tree in (text, config):
        for name in names:
            if tree.get(name) is not None:
                return tree[name]
    return None


def _float(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _int(tree: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = tree.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and -_FAR <= value <= _FAR:
            return value
    return None


def _layers(stated: int | None) -> int | None:
    return stated if stated is not None and 0 <= stated <= MOST_LAYERS else None


def _feed_forward(text: Mapping[str, Any]) -> int | None:
    """Return the width between the two products; the first Qwen states that of both its halves."""
    said = _int(
        text,
        "intermediate_size_mlp",
        "intermediate_size",
        "ffn_hidden_size",
        "n_inner",
        "ffn_dim",
        "hidden_dim",
    )
    return said // 2 if said is not None and text.get("model_type") == "qwen" else said


def _kv_heads(text: Mapping[str, Any], heads: int | None) -> int | None:
    """Return the number of key and value heads.

    Falcon states `num_kv_heads` also where all heads share one (`multi_query`), which only its
    new decoder heeds (FalconAttention in transformers).
    """
    if text.get("multi_query") is True and not text.get("new_decoder_architecture"):
        return 1
    said = _int(text, "num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num")
    if said is not None:
        return said
    return heads


def _head_width(text: Mapping[str, Any], hidden: int | None, heads: int | None) -> int | None:
    said = _int(text, "head_dim", "kv_channels", "attention_head_dim")
    if said is not None or not hidden or not heads:
        return said
    return hidden // heads


def _window(text: Mapping[str, Any]) -> int | None:
    if text.get("use_sliding_window") is False:
        return None
    return _int(text, "sliding_window", "sliding_window_size", "attention_chunk_size")


def _layers_of(text: Mapping[str, Any], layers: int | None, kind: str) -> tuple[int, ...]:
    """Return the numbers of layers of a kind of attention.

    Configs name each layer (`layer_types`), or state a pattern: every n-th layer is full. Chunks,
    as Llama 4 has them, keep no more than a window does; its layers without RoPE are full.
    """
    kinds = (kind, "chunked_attention") if kind == "sliding_attention" else (kind,)
    named = text.get("layer_types")
    if isinstance(named, list):
        return tuple(place for place, each in enumerate(named[:MOST_LAYERS]) if each in kinds)
    if layers is None:
        return ()
    if kind == "linear_attention":
        every = _int(text, "full_attention_interval")
        return tuple(n for n in range(layers) if (n + 1) % every) if every else ()
    if _window(text) is None:
        return ()
    roped = text.get("no_rope_layers")
    if isinstance(roped, list) and roped and "attention_chunk_size" in text:
        return tuple(place for place, each in enumerate(roped[:layers]) if each)
    every = _int(text, "sliding_window_pattern", "layer_period_of_full")
    if "attention_chunk_size" in text:
        every = every or _int(text, "no_rope_layer_interval") or 4
    if every:
        return tuple(n for n in range(layers) if (n + 1) % every)
    first = _int(text, "max_window_layers")
    return tuple(range(max(first, 0), layers)) if first is not None else tuple(range(layers))


def _latent(text: Mapping[str, Any]) -> LatentAttention | None:
    rank = _int(text, "kv_lora_rank")
    nope, rope = _int(text, "qk_nope_head_dim"), _int(text, "qk_rope_head_dim")
    value = _int(text, "v_head_dim")
    if rank is None or nope is None or rope is None or value is None:
        return None
    return LatentAttention(
        kv_rank=rank,
        query_rank=_int(text, "q_lora_rank"),
        nope_width=nope,
        rope_width=rope,
        value_width=value,
    )


def _experts(text: Mapping[str, Any], layers: int | None) -> Experts | None:
    routed = _int(text, "n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")
    if not routed:
        return None
    width = _int(text, "moe_intermediate_size", "expert_intermediate_size", "ffn_dim_exps")
    if width is None:
        width = _int(text, "intermediate_size")
    shared = _int(text, "n_shared_experts", "num_shared_experts") or 0
    if text.get("model_type") == "llama4_text":
        shared = 1
    shared_width = _int(text, "shared_expert_intermediate_size")
    if shared_width is not None and not shared:
        shared = 1 if shared_width else 0
    return Experts(
        routed=routed,
        shared=shared,
        chosen=_int(text, "num_experts_per_tok", "moe_top_k", "num_experts_per_token"),
        width=width,
        shared_width=shared_width if shared_width is not None else width,
        dense_layers=_dense_layers(text, layers),
    )


def _dense_layers(text: Mapping[str, Any], layers: int | None) -> tuple[int, ...]:
    if layers is None:
        return ()
    named = text.get("mlp_only_layers")
    dense = {each for each in named if isinstance(each, int)} if isinstance(named, list) else set()
    dense |= set(range(min(_int(text, "first_k_dense_replace") or 0, layers)))
    step = _int(text, "decoder_sparse_step", "moe_layer_freq", "interleave_moe_layer_step") or 1
    if step > 1:
        sparse_at = step - 1 if "moe_layer_freq" not in text else 0
        dense |= {n for n in range(layers) if n % step != sparse_at}
    return tuple(sorted(each for each in dense if 0 <= each < layers))


def architecture_of_gguf(metadata: Mapping[str, Any]) -> Architecture:
    """Return the sizes that the metadata of a GGUF file states, `<architecture>.<name>` each.

    Source: the section on standardized metadata of the GGUF specification in ggml.
    """
    kind = _text(metadata.get("general.architecture"))

    def of(*names: str) -> int | None:
        return _int(metadata, *(f"{kind}.{name}" for name in names))

    def most(name: str) -> int | None:
        return of(name) or _most(metadata, f"{kind}.{name}")

    layers, hidden = _layers(of("block_count")), of("embedding_length")
    heads = most("attention.head_count")
    width = of("attention.key_length") or (hidden // heads if hidden and heads else None)
    window = of("attention.sliding_window")
    every = of("attention.sliding_window_pattern")
    if every is None:
        every = {"gemma2": 2, "gemma3": 6, "gpt-oss": 2, "cohere2": 4, "llama4": 4}.get(kind or "")
    sliding = tuple(n for n in range(layers or 0) if (n + 1) % every) if window and every else ()
    named = metadata.get(f"{kind}.attention.sliding_window_pattern")
    if window and isinstance(named, list | tuple):
        sliding = tuple(place for place, each in enumerate(named[: layers or 0]) if each is True)
    rank, latent_key = of("attention.kv_lora_rank"), of("attention.key_length_mla")
    rope = of("rope.dimension_count")
    latent = None
    if rank is not None and rope is not None:
        latent = LatentAttention(
            kv_rank=rank,
            query_rank=of("attention.q_lora_rank"),
            nope_width=max((latent_key or width or rope) - rope, 0),
            rope_width=rope,
            value_width=of("attention.value_length_mla", "attention.value_length") or 0,
        )
    routed = of("expert_count")
    experts = None
    if routed:
        inner = of("expert_feed_forward_length", "feed_forward_length")
        experts = Experts(
            routed=routed,
            shared=of("expert_shared_count") or 0,
            chosen=of("expert_used_count"),
            width=inner,
            shared_width=of("expert_shared_feed_forward_length") or inner,
            dense_layers=tuple(range(min(of("leading_dense_block_count") or 0, layers or 0))),
        )
    return Architecture(
        model_type=kind,
        names=(),
        hidden=hidden,
        layers=layers,
        heads=heads,
        kv_heads=most("attention.head_count_kv") or heads,
        head_width=width,
        feed_forward=most("feed_forward_length"),
        vocabulary=of("vocab_size") or _int(metadata, "tokenizer.ggml.tokens"),
        positions=of("context_length"),
        window=window,
        sliding_layers=sliding,
        linear_layers=(),
        state_layers=(),
        bare_layers=(),
        tied=None,
        dtype=None,
        rope=None,
        rope_theta=_float(metadata.get(f"{kind}.rope.freq_base")),
        latent=latent,
        experts=experts,
    )


def _most(metadata: Mapping[str, Any], name: str) -> int | None:
    """Return the largest number where layers differ: a tuple as read, a list once saved."""
    listed = metadata.get(name)
    counts = [
        each
        for each in (listed if isinstance(listed, list | tuple) else ())
        if isinstance(each, int) and not isinstance(each, bool) and 0 <= each <= _FAR
    ]
    return max(counts, default=None)
