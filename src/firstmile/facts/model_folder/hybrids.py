"""Layers of hybrid models that keep no keys and values: which they are, and what they keep.

Configs tell it in many ways; these were read in transformers' and vLLM's classes of the models.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_STATES: Final = frozenset(("mamba", "mamba2", "conv", "recurrent", "linear", "lightning"))
"""Kinds of layers that keep a state; `linear_attention` is read on its own."""

_NAMED_BY: Final = ("layer_types", "layers_block_type", "block_types", "_block_types")
_MOST: Final = 10_000


def layers_with_states(text: Mapping[str, Any], layers: int | None) -> tuple[int, ...]:
    """Return the layers, by number, that keep a state of their own kind."""
    if layers is None:
        return ()
    return tuple(place for place, each in enumerate(_kinds(text, layers)) if each == "state")


def bare_layers(text: Mapping[str, Any], layers: int | None) -> tuple[int, ...]:
    """Return the layers, by number, that keep nothing.

    Those of Nemotron-H that are feed-forward alone, and the last of Gemma 3n, which read the keys
    and values of earlier ones.
    """
    if layers is None:
        return ()
    found = {place for place, each in enumerate(_kinds(text, layers)) if each == "bare"}
    shared = text.get("num_kv_shared_layers")
    if isinstance(shared, int) and not isinstance(shared, bool) and 0 < shared < layers:
        found |= set(range(layers - shared, layers))
    return tuple(sorted(found))


def _kinds(text: Mapping[str, Any], layers: int) -> list[str]:
    """Return the kind of each layer, "" where it is not of these."""
    pattern = text.get("hybrid_override_pattern")
    if isinstance(pattern, str):
        return [
            {"M": "state", "*": "", "-": "bare", "E": "bare"}.get(each, "")
            for each in pattern[:layers]
        ]
    for name in _NAMED_BY:
        named = text.get(name)
        if isinstance(named, list) and named:
            whole = (named * (layers // len(named) + 1))[:layers]
            return ["state" if each in _STATES else "" for each in whole]
    indices = text.get("attn_layer_indices")
    if isinstance(indices, list):
        return _all_but(indices, layers)
    period, offset = text.get("attn_layer_period"), text.get("attn_layer_offset")
    if isinstance(period, int) and isinstance(offset, int) and 0 <= offset <= layers:
        return _all_but(range(offset, layers, max(period, 1)), layers)
    listed = text.get("attn_type_list")
    if isinstance(listed, list):
        return ["" if each == 1 else "state" for each in listed[:layers]]
    linear = text.get("linear_attn_config")
    if isinstance(linear, Mapping) and isinstance(linear.get("kda_layers"), list):
        counted_from_one = {each - 1 for each in linear["kda_layers"] if _is_count(each)}
        return ["state" if place in counted_from_one else "" for place in range(layers)]
    return []


def _all_but(full: Iterable[Any], layers: int) -> list[str]:
    seen = {each for each in full if _is_count(each)}
    return ["" if place in seen else "state" for place in range(layers)]


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def numbers_of_a_state(text: Mapping[str, Any], hidden: int) -> tuple[int, int]:
    """Return the numbers that such a layer keeps of a sequence: of its matrix, of its short past.

    Mamba-2 keeps heads x width x state (arXiv 2405.21060), the first Mamba inner width x state
    (arXiv 2312.00752), lightning attention and KDA a square matrix a head, LFM2 a few tokens.
    """

    def of(*names: str) -> int:
        return next((text[name] for name in names if _is_large_count(text.get(name))), 0)

    states = of("ssm_state_size", "mamba_d_state", "state_size")
    kernel = of("conv_kernel", "mamba_d_conv", "conv_L_cache", "conv1d_width")
    heads, width = of("mamba_num_heads", "mamba_n_heads"), of("mamba_head_dim", "mamba_d_head")
    if heads and width:
        inner = heads * width
        groups = of("n_groups", "mamba_n_groups") or 1
        return inner * states, (inner + 2 * groups * states) * kernel
    if states:
        inner = (of("mamba_expand") or 2) * hidden
        return inner * states, inner * kernel
    linear = text.get("linear_attn_config")
    if isinstance(linear, Mapping):
        names = ("num_heads", "head_dim", "short_conv_kernel_size")
        heads, width, past = (int(linear[n]) if _is_count(linear.get(n)) else 0 for n in names)
        return heads * width**2, 3 * heads * width * past
    if isinstance(text.get("attn_type_list"), list):
        return of("num_attention_heads") * of("head_dim") ** 2, 0
    return 0, hidden * max(kernel, 1)


def _is_large_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST**2
