"""The tensors that an architecture has, by name and shape, and how those of a folder are laid out.

Names and shapes are those of the modules of each family in transformers, held against what
`save_pretrained` writes (tests/check/test_tensor_names.py). Only families whose layers are alike
stand here: of another one nothing is said.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.check.experts import EXPERTS, Experts, Sparse, apart
from firstmile.check.remembering import remembered
from firstmile.check.weight_files import stored
from firstmile.facts.model_folder.architecture import (
    Architecture,
    read_architecture,
    text_config,
)
from firstmile.facts.model_folder.folder import ModelFolder, Tensor
from firstmile.facts.whole_numbers import whole_number

PLAIN: Final = frozenset(("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"))
"""Number types of which a tensor holds one number for each place of its matrix."""
HEADS: Final = (
    *("", "model.", "model.language_model.", "language_model.model.", "gpt_neox."),
    *("transformer.", "language_model.", "thinker.model."),
)
"""What stands before the layers of the text part."""
_ATTENTION: Final = tuple(f"self_attn.{name}_proj" for name in "qkvo")
_FORWARD: Final = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
_NORMS: Final = ("input_layernorm", "post_attention_layernorm")
_LIKE_LLAMA: Final = (*_ATTENTION, *_FORWARD, *_NORMS)
_SPARSE: Final = (*_ATTENTION, *_NORMS)
_LATENT: Final = ("self_attn.kv_a_proj_with_mqa", "self_attn.kv_b_proj", "self_attn.o_proj")
_MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            *("llama", "mistral", "qwen2", "qwen2_vl", "qwen2_5_vl", "qwen2_vl_text"),
            *("qwen2_5_vl_text", "qwen3", "qwen3_vl_text", "gemma", "gemma2", "gemma3_text"),
            *("granite", "smollm3", "seed_oss"),
        ),
        _LIKE_LLAMA,
    ),
    **dict.fromkeys(("olmo", "olmo2"), (*_ATTENTION, *_FORWARD)),
    **dict.fromkeys(("cohere", "cohere2", "stablelm"), (*_ATTENTION, *_FORWARD, "input_layernorm")),
    **dict.fromkeys(("mixtral", "qwen2_moe", "qwen3_moe", "olmoe", "gpt_oss"), _SPARSE),
    **dict.fromkeys(("deepseek_v2", "deepseek_v3"), (*_LATENT, *_NORMS)),
    "phi3": (
        *("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj"),
        *_NORMS,
    ),
    **dict.fromkeys(("glm", "glm4"), (*_ATTENTION, "mlp.gate_up_proj", "mlp.down_proj", *_NORMS)),
    "phi": (*_ATTENTION[:3], "self_attn.dense", "mlp.fc1", "mlp.fc2", "input_layernorm"),
    "starcoder2": (*_ATTENTION, "mlp.c_fc", "mlp.c_proj", *_NORMS),
    "gpt2": ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj", "ln_1", "ln_2"),
    "gpt_neox": (
        *("attention.query_key_value", "attention.dense", "mlp.dense_h_to_4h"),
        *("mlp.dense_4h_to_h", *_NORMS),
    ),
    "falcon": (
        *("self_attention.query_key_value", "self_attention.dense"),
        *("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"),
    ),
}
"""The modules that each layer of a family has, those of experts left out."""
_EMBEDDINGS: Final = ("embed_tokens.weight", "wte.weight", "embed_in.weight")
_EMBEDDING_OF_FALCON: Final = "word_embeddings.weight"
OUTPUTS: Final = ("lm_head", "language_model.lm_head", "embed_out")
_ALL_HEADS_HAVE_KEYS: Final = frozenset(
    ("llama", "phi", "phi3", "olmo", "olmo2", "stablelm", "granite", "cohere", "gpt2", "gpt_neox")
)
"""Families whose class has as many heads of keys as of queries where the config is silent."""
_HEADS_DIVIDE_HIDDEN: Final = frozenset(
    (
        *("llama", "mistral", "mixtral", "qwen2", "qwen2_vl", "qwen2_5_vl", "qwen2_vl_text"),
        *("qwen2_5_vl_text", "qwen2_moe", "olmo", "olmo2", "olmoe", "cohere", "stablelm"),
        *("granite", "smollm3", "phi", "phi3", "starcoder2", "gpt2", "gpt_neox", "falcon"),
    )
)
"""Families whose heads share the hidden size evenly where the config states no width."""


def family_of(config: Mapping[str, Any]) -> str | None:
    """Return the family of a config's text part, or None where its tensors are not known here."""
    text = text_config(config)
    kind = text.get("model_type", config.get("model_type"))
    return kind if isinstance(kind, str) and kind in _MODULES else None


def modules_of(family: str) -> tuple[str, ...]:
    """Return the modules that each layer of a family has, those of experts left out."""
    return _MODULES[family]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """The tensors of a folder: those of the text part's layers by number, and all others.

    `head` is what stands before the layers. In a layer, names stand without it; those of experts
    stand apart, "experts.*." for the number of each.
    """

    head: str
    layers: Mapping[int, Mapping[str, Tensor]]
    experts: Mapping[int, Mapping[str, Experts]]
    outside: Mapping[str, Tensor]

    @property
    def embedding(self) -> Tensor | None:
        """The embedding of tokens."""
        for name in (*_EMBEDDINGS, _EMBEDDING_OF_FALCON):
            found = self.outside.get(self.head + name)
            if found is not None:
                return found
        return None

    @property
    def output(self) -> Tensor | None:
        """The head that turns hidden states into tokens, where it has a matrix of its own."""
        for name in OUTPUTS:
            found = self.outside.get(name + ".weight")
            if found is not None:
                return found
        return None

    @property
    def has_output(self) -> bool:
        """Whether there is any tensor of a head, quantized ones included."""
        return self.output is not None or any(name.startswith(OUTPUTS) for name in self.outside)


@remembered
def layout_of(model: ModelFolder) -> Layout | None:
    """Return how the tensors of a folder are laid out; None where no layers are found."""
    groups: dict[str, dict[int, dict[str, Tensor]]] = {}
    outside: dict[str, Tensor] = {}
    experts, others = apart(stored(model).tensors.each)
    for tensor in others:
        place = _place(tensor.name)
        if place is None:
            outside[tensor.name] = tensor
        else:
            head, layer_number, within = place
            groups.setdefault(head, {}).setdefault(layer_number, {})[within] = tensor
    if not groups:
        return None
    head = max(groups, key=lambda one: len(groups[one]))
    for other, layers in groups.items():
        if other != head:
            for at, tensors in layers.items():
                outside |= {f"{other}layers.{at}.{name}": one for name, one in tensors.items()}
    return Layout(
        head=head,
        layers=dict(sorted(groups[head].items())),
        experts=_of_layers(head, experts),
        outside=outside,
    )


def _place(name: str) -> tuple[str, int, str] | None:
    """Return what stands before a layer, the layer's number, and the name within it."""
    head, mark, tail = name.partition("layers.")
    if not mark:
        head, mark, tail = name.partition("h.")
    number, _, within = tail.partition(".")
    place = whole_number(number) if head in HEADS else None
    return None if place is None else (head, place, within)


def _of_layers(head: str, sparse: Sparse) -> dict[int, dict[str, Experts]]:
    """Return the experts of the layers behind a head, by the layer's number."""
    found: dict[int, dict[str, Experts]] = {}
    for before, parts in sparse.items():
        place = _place(before)
        if place is not None and place[0] == head:
            of_layer = found.setdefault(place[1], {})
            of_layer |= {f"{place[2]}{EXPERTS}*.{part}": one for part, one in parts.items()}
    return dict(sorted(found.items()))


def shapes_of(config: Mapping[str, Any]) -> Mapping[str, tuple[int, ...]]:
    """Return the shapes that a config gives the tensors of a layer, by their names in it.

    What the config leaves to defaults that are not the same in all releases is left out.
    """
    family = family_of(config)
    if family is None:
        return {}
    text = text_config(config)
    sizes = read_architecture(config)
    found: dict[str, tuple[int | None, ...]] = {}
    hidden = sizes.hidden
    if sizes.latent is not None:
        _latent(found, sizes)
    else:
        _attention(found, family, text, sizes)
    _forward(found, family, text, sizes)
    for name in _NORMS:
        found[f"{name}.weight"] = (hidden,)
    return {
        f"{name}": tuple(width for width in shape if width is not None)
        for name, shape in found.items()
        if None not in shape and 0 not in shape
    }


def _attention(
    found: dict[str, tuple[int | None, ...]],
    family: str,
    text: Mapping[str, Any],
    sizes: Architecture,
) -> None:
    hidden, heads, kv_heads = sizes.hidden, sizes.heads, _kv_heads(family, text, sizes)
    width = sizes.head_width
    if text.get("head_dim") is None and family not in _HEADS_DIVIDE_HIDDEN:
        width = None
    queries = heads * width if heads and width else None
    keys = kv_heads * width if kv_heads and width else None
    both = queries + 2 * keys if queries and keys else None
    found["self_attn.q_proj.weight"] = (queries, hidden)
    found["self_attn.k_proj.weight"] = found["self_attn.v_proj.weight"] = (keys, hidden)
    found["self_attn.o_proj.weight"] = found["self_attn.dense.weight"] = (hidden, queries)
    found["self_attn.qkv_proj.weight"] = (both, hidden)
    found["self_attention.query_key_value.weight"] = (both, hidden)
    found["self_attention.dense.weight"] = (hidden, queries)
    thrice = 3 * hidden if hidden else None
    found["attention.query_key_value.weight"] = (thrice, hidden)
    found["attention.dense.weight"] = (hidden, hidden)
    found["attn.c_attn.weight"] = (hidden, thrice)
    found["attn.c_proj.weight"] = (hidden, hidden)


def _kv_heads(family: str, text: Mapping[str, Any], sizes: Architecture) -> int | None:
    if family == "falcon" or isinstance(text.get("num_key_value_heads"), int):
        return sizes.kv_heads
    return sizes.heads if family in _ALL_HEADS_HAVE_KEYS else None


def _latent(found: dict[str, tuple[int | None, ...]], sizes: Architecture) -> None:
    """Source: arXiv 2405.04434, 2.1, and DeepseekV3Attention in transformers."""
    latent, hidden, heads = sizes.latent, sizes.hidden, sizes.heads
    if latent is None or not heads:
        return
    query = heads * (latent.nope_width + latent.rope_width)
    found["self_attn.q_a_proj.weight"] = (latent.query_rank, hidden)
    found["self_attn.q_b_proj.weight"] = (query, latent.query_rank)
    found["self_attn.q_proj.weight"] = (query, hidden)
    found["self_attn.kv_a_proj_with_mqa.weight"] = (latent.kv_rank + latent.rope_width, hidden)
    both = heads * (latent.nope_width + latent.value_width)
    found["self_attn.kv_b_proj.weight"] = (both, latent.kv_rank)
    found["self_attn.o_proj.weight"] = (hidden, heads * latent.value_width)


def _forward(
    found: dict[str, tuple[int | None, ...]],
    family: str,
    text: Mapping[str, Any],
    sizes: Architecture,
) -> None:
    hidden, experts = sizes.hidden, sizes.experts
    said = text.get("intermediate_size")
    inner = said if isinstance(said, int) else None
    if family in ("gpt2", "falcon"):
        named = text.get("n_inner" if family == "gpt2" else "ffn_hidden_size")
        inner = named if isinstance(named, int) else 4 * hidden if hidden else None
    if family == "gpt2":
        found["mlp.c_fc.weight"] = (hidden, inner)
        found["mlp.c_proj.weight"] = (inner, hidden)
        return
    found["mlp.up_proj.weight"] = found["mlp.gate_proj.weight"] = (inner, hidden)
    found["mlp.down_proj.weight"] = (hidden, inner)
    found["mlp.gate_up_proj.weight"] = (2 * inner if inner else None, hidden)
    for into, out in (("fc1", "fc2"), ("c_fc", "c_proj"), ("dense_h_to_4h", "dense_4h_to_h")):
        found[f"mlp.{into}.weight"] = (inner, hidden)
        found[f"mlp.{out}.weight"] = (hidden, inner)
    if experts is None or family == "gpt_oss":
        return
    width = experts.width
    for place, ups, down in (
        ("mlp.experts.*.", ("gate_proj", "up_proj"), "down_proj"),
        ("block_sparse_moe.experts.*.", ("w1", "w3"), "w2"),
    ):
        for name in ups:
            found[f"{place}{name}.weight"] = (width, hidden)
        found[f"{place}{down}.weight"] = (hidden, width)
    found["mlp.gate.weight"] = (experts.routed, hidden)
    found["block_sparse_moe.gate.weight"] = (experts.routed, hidden)
