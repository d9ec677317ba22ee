"""How many numbers a model has, part by part, from the sizes that its config states.

Sources: the modules of each family in transformers; for multi-head latent attention DeepSeek-V2
(arXiv 2405.04434, equations 9 to 19), for gated delta nets Qwen3-Next's layers there. Held
against tensors on torch's meta device in docs/memory.md.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.architecture import TIED_UNLESS_SAID, Architecture, text_config

_UNGATED: Final = frozenset(
    (
        *("arcee", "bloom", "codegen", "falcon", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox"),
        *("gptj", "mpt", "nemotron", "opt", "persimmon", "phi", "starcoder2", "xglm"),
    )
)
"""Families whose feed-forward part has two matrices; all others have a third as a gate."""
_ALL_BIASED: Final = frozenset(
    ("gpt2", "gpt_neox", "phi", "opt", "bloom", "starcoder2", "gpt_bigcode", "gptj", "gpt_oss")
)
_QKV_BIASED: Final = frozenset(
    ("qwen2", "qwen2_moe", "qwen2_vl", "qwen2_5_vl", "qwen2_audio", "qwen")
)
_POSITIONS_LEARNT: Final = frozenset(("gpt2", "opt", "gpt_bigcode", "gpt_neo", "xglm"))
_STATE_SPACES: Final = ("mamba", "ssm", "rwkv", "jamba", "zamba", "nemotron_h", "falcon_h1", "lfm")
"""Families whose layers are of kinds that no formula here covers."""


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one layer.

    `keys_values` are those matrices that cannot be cut finer than their heads, `whole` those
    that every rank of tensor parallelism holds in full, `small` norms and biases.
    """

    attention: int = 0
    keys_values: int = 0
    feed_forward: int = 0
    routed: int = 0
    whole: int = 0
    small: int = 0

    @property
    def matrices(self) -> int:
        """All that a quantization may cover."""
        return self.attention + self.keys_values + self.feed_forward + self.routed + self.whole

    @property
    def numbers(self) -> int:
        """All numbers of the layer."""
        return self.matrices + self.small


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a model. `head` is 0 where it is tied to the embedding.

    `router` counts what of the layers' `whole` chooses experts; `vision` is everything beside
    the text part. `covers` is False where layers are of kinds that are not known here.
    """

    embedding: int
    head: int
    layers: tuple[Layer, ...]
    router: int
    vision: int
    covers: bool

    @property
    def numbers(self) -> int:
        """All parameters."""
        return self.embedding + self.head + self.vision + self.in_layers

    @property
    def in_layers(self) -> int:
        """The parameters of all layers."""
        return sum(layer.numbers for layer in self.layers)


def draw(config: Mapping[str, Any], sizes: Architecture) -> Blueprint | None:
    """Return the blueprint of a config, or None where sizes are missing."""
    text = text_config(config)
    if not sizes.hidden or not sizes.layers or not sizes.vocabulary:
        return None
    kind = str(text.get("model_type") or sizes.model_type or "")
    linear = frozenset(sizes.linear_layers)
    dense = frozenset(sizes.experts.dense_layers) if sizes.experts else frozenset()
    made: dict[tuple[bool, bool], Layer] = {}
    layers = []
    for number in range(sizes.layers):
        key = (number in linear, sizes.experts is None or number in dense)
        if key not in made:
            made[key] = _layer(kind, text, sizes, linear=key[0], dense=key[1])
        layers.append(made[key])
    embedding = sizes.vocabulary * sizes.hidden
    tied = sizes.tied if sizes.tied is not None else kind in TIED_UNLESS_SAID
    learnt = (sizes.positions or 0) * sizes.hidden if kind in _POSITIONS_LEARNT else 0
    routers = sizes.experts.routed * sizes.hidden if sizes.experts else 0
    return Blueprint(
        embedding=embedding + learnt,
        head=0 if tied else embedding,
        layers=tuple(layers),
        router=routers * (sizes.layers - len(dense)),
        vision=_vision(config, sizes.hidden),
        covers=_covers(kind, text, sizes),
    )


def _covers(kind: str, text: Mapping[str, Any], sizes: Architecture) -> bool:
    """Say whether all layers are of kinds that are known here, and of one width."""
    if any(name in kind for name in _STATE_SPACES) or sizes.state_layers or sizes.bare_layers:
        return False
    return not isinstance(text.get("intermediate_size"), list) and "block_configs" not in text


def _layer(
    kind: str, text: Mapping[str, Any], sizes: Architecture, *, linear: bool, dense: bool
) -> Layer:
    hidden = sizes.hidden or 0
    heads, width = sizes.heads or 0, sizes.head_width or 0
    kv_width = (sizes.kv_heads or 0) * width
    whole = 0
    small = 2 * hidden
    if linear:
        attention, keys_values, small = *_delta_net(text, hidden), small
    elif sizes.latent is not None:
        attention, whole = _latent(sizes)
        keys_values = 0
    else:
        gated_query = 2 if kind in ("qwen3_next", "qwen3_5", "qwen3_5_moe") else 1
        attention = hidden * heads * width * (1 + gated_query)
        keys_values = 2 * hidden * kv_width
    if _says(text, "attention_bias", "qkv_bias", "add_qkv_bias") or kind in _QKV_BIASED:
        small += heads * width + 2 * kv_width
    if kind in _ALL_BIASED:
        small += heads * width + 2 * kv_width + hidden
    matrices = 2 if kind in _UNGATED else 3
    routed = feed_forward = 0
    if dense or sizes.experts is None:
        width_within = sizes.feed_forward or 4 * hidden
        feed_forward = matrices * hidden * width_within
        small += (width_within + hidden) if kind in _ALL_BIASED else 0
    else:
        experts = sizes.experts
        routed = 3 * hidden * (experts.width or 0) * experts.routed
        each = (experts.shared_width or 0) * experts.shared
        feed_forward = 3 * hidden * each
        whole += hidden * experts.routed
        if kind == "gpt_oss":
            small += experts.routed * (2 * (experts.width or 0) + hidden + 1)
    return Layer(
        attention=attention,
        keys_values=keys_values,
        feed_forward=feed_forward,
        routed=routed,
        whole=whole,
        small=small,
    )


def _says(text: Mapping[str, Any], *names: str) -> bool:
    return any(text.get(name) is True for name in names)


def _latent(sizes: Architecture) -> tuple[int, int]:
    """Return the numbers of latent attention that are cut over ranks, and those that are not."""
    latent = sizes.latent
    hidden, heads = sizes.hidden or 0, sizes.heads or 0
    if latent is None:
        return 0, 0
    query = heads * (latent.nope_width + latent.rope_width)
    whole = hidden * (latent.kv_rank + latent.rope_width)
    cut = latent.kv_rank * heads * (latent.nope_width + latent.value_width)
    cut += heads * latent.value_width * hidden
    if latent.query_rank:
        whole += hidden * latent.query_rank
        cut += latent.query_rank * query
    else:
        cut += hidden * query
    return cut, whole


def _delta_net(text: Mapping[str, Any], hidden: int) -> tuple[int, int]:
    """Return the numbers of a gated delta net: projections in, out and the short convolution."""
    keys = _number(text, "linear_num_key_heads") * _number(text, "linear_key_head_dim")
    value_heads = _number(text, "linear_num_value_heads")
    values = value_heads * _number(text, "linear_value_head_dim")
    convolved = (2 * keys + values) * _number(text, "linear_conv_kernel_dim")
    return hidden * (2 * keys + 2 * values + 2 * value_heads) + values * hidden + convolved, 0


def _vision(config: Mapping[str, Any], hidden: int) -> int:
    """Return about how many numbers a vision tower and its projector have."""
    vision = config.get("vision_config")
    if not isinstance(vision, Mapping):
        return 0
    width = _number(vision, "hidden_size") or _number(vision, "embed_dim")
    within = _number(vision, "intermediate_size") or 4 * width
    layers = _number(vision, "num_hidden_layers") or _number(vision, "depth")
    patch, image = _number(vision, "patch_size"), _number(vision, "image_size")
    positions = (image // patch) ** 2 if patch else 0
    gate = 3 if "qwen2_5_vl" in str(vision.get("model_type")) else 2
    tower = layers * (4 * width**2 + gate * width * within)
    return tower + (3 * patch**2 + positions) * width + width * hidden


def _number(tree: Mapping[str, Any], name: str) -> int:
    value = tree.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
