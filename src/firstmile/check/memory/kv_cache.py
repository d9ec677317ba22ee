"""The bytes of keys and values, and of the states that some layers keep instead.

A token of a layer takes 2 x kv heads x head width numbers (GQA, arXiv 2305.13245; one head: MQA,
arXiv 1911.02150). Multi-head latent attention keeps one latent and one rotary key instead
(DeepSeek-V2, arXiv 2405.04434, 2.1.2). Layers with a sliding window keep no more than it
(SlidingWindowSpec in vllm/v1/kv_cache_interface.py; src/llama-kv-cache-iswa.cpp).
"""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.architecture import Architecture
from firstmile.facts.model_folder.hybrids import numbers_of_a_state

_STATE_BYTES: Final = 4
"""Recurrent states are kept in float32."""
_SCALED: Final = 128
"""Numbers in 8 bits that share a scale."""


class Layers(msgspec.Struct, frozen=True, kw_only=True):
    """What one rank's layers keep for one sequence.

    `full` bytes a token in layers that see everything, `sliding` bytes a token in those that see
    `window` tokens, `state` bytes whatever the length.
    """

    full: float
    sliding: float
    window: int
    state: float


def kept(
    sizes: Architecture,
    text: Mapping[str, Any],
    number_bytes: float,
    *,
    tensor: int = 1,
    pipeline: int = 1,
    latent: bool = True,
    copied: bool = False,
) -> Layers | None:
    """Return what a sequence's tokens take on the fullest rank; None where sizes are missing.

    Key and value heads are divided by the tensor parallel size as far as there are heads; a
    latent is on every rank. With `latent` False each head keeps its own keys and values, as
    transformers up to version 4 does for DeepSeek-V2 and V3; `copied` says that heads keep copies
    of what they share, as transformers does for Falcon's new decoder.
    """
    if not sizes.layers or not sizes.heads:
        return None
    per_token = numbers_a_token(sizes, tensor, latent)
    if per_token is None:
        return None
    index = index_bytes(text) if sizes.latent is not None and latent else 0.0
    if index and number_bytes <= 1:
        per_token, number_bytes = _packed_latent(sizes), 1
    if copied and text.get("new_decoder_architecture") is True:
        per_token *= sizes.heads / (sizes.kv_heads or sizes.heads)
    if "block_configs" in text:
        return None  # each layer has heads of its own (DeciLM, Nemotron-NAS)
    linear, other = len(sizes.linear_layers), len(sizes.state_layers)
    bare = set(sizes.bare_layers)
    sliding = len(set(sizes.sliding_layers) - bare) if sizes.window else 0
    full = sizes.layers - linear - other - sliding - len(bare)
    states = linear * state_bytes(text, number_bytes)
    if other:
        matrix, past = numbers_of_a_state(text, sizes.hidden or 0)
        states += other * (matrix * _STATE_BYTES + past * number_bytes)
    share = ceil(sizes.layers / pipeline) / sizes.layers
    return Layers(
        full=full * (per_token * number_bytes + index) * share,
        sliding=sliding * per_token * number_bytes * share,
        window=sizes.window or 0,
        state=states / tensor * share,
    )


def numbers_a_token(sizes: Architecture, tensor: int = 1, latent: bool = True) -> float | None:
    """Return the numbers that one token takes in one layer of one rank."""
    mla = sizes.latent
    if mla is not None and latent:
        return mla.kv_rank + mla.rope_width
    if mla is not None:
        heads = ceil((sizes.heads or 1) / tensor)
        return heads * (mla.nope_width + mla.rope_width + mla.value_width)
    if not sizes.kv_heads or not sizes.head_width:
        return None
    return 2 * ceil(sizes.kv_heads / tensor) * sizes.head_width


def index_bytes(text: Mapping[str, Any]) -> float:
    """Return the bytes a token and layer of DeepSeek-V3.2's indexer: a key in 8 bits, and scales.

    Source: the key cache of the indexer in vLLM (models/deepseek_v2.py) and SGLang, which is in 8
    bits whatever the other is in.
    """
    width = text.get("index_head_dim")
    if not isinstance(width, int) or isinstance(width, bool) or width <= 0:
        return 0.0
    return width + 4.0 * ceil(width / _SCALED)


def _packed_latent(sizes: Architecture) -> float:
    """Return the bytes of a latent in 8 bits beside an indexer: scales, and rotary keys whole."""
    mla = sizes.latent
    return (
        0.0 if mla is None else mla.kv_rank + 4 * ceil(mla.kv_rank / _SCALED) + 2 * mla.rope_width
    )


def state_bytes(text: Mapping[str, Any], number_bytes: float) -> float:
    """Return what a gated delta net keeps of a sequence: a matrix a head, and a short past."""

    def of(name: str) -> int:
        value = text.get(name)
        return value if isinstance(value, int) else 0

    keys = of("linear_num_key_heads") * of("linear_key_head_dim")
    values = of("linear_num_value_heads") * of("linear_value_head_dim")
    matrix = values * of("linear_key_head_dim")
    past = (2 * keys + values) * of("linear_conv_kernel_dim")
    return matrix * _STATE_BYTES + past * number_bytes


def size(
    layers: Layers, tokens: int, sequences: int = 1, *, block: int = 1, ahead: int = 0
) -> float:
    """Return the bytes of so many sequences of so many tokens, in whole blocks.

    `ahead` is how many tokens a step adds before a window lets old ones go; a window then takes
    one block more, since it rarely begins where a block does.
    """
    whole = ceil(tokens / block) * block
    seen = layers.window + max(ahead - 1, 0)
    within = whole if layers.window else 0
    if layers.window and seen < tokens:
        spare = block if block > 1 and ahead > 0 else 0
        within = min(ceil(seen / block) * block + spare, whole)
    return sequences * (layers.full * whole + layers.sliding * within + layers.state)


def longest(layers: Layers, room: float, *, block: int = 1, ahead: int = 0) -> int:
    """Return how many tokens of one sequence fit into so many bytes."""
    low, high = 0, 1 << 26
    while low < high:
        middle = (low + high + 1) // 2
        if size(layers, middle, block=block, ahead=ahead) <= room:
            low = middle
        else:
            high = middle - 1
    return low // block * block
