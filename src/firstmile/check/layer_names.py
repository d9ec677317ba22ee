"""Names of the layers and of their linear parts, by model type, as transformers has them.

From transformers 5.23 (each class built without weights), and from the code in the repositories of
Qwen 1, ChatGLM, InternLM 2 and Baichuan. Experts count with the names that transformers 4 gave
them: from 5 on they are one tensor of all experts, which LoRA takes by `target_parameters`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.architecture import text_config
from firstmile.facts.model_folder.folder import ModelFolder

_ATTENTION: Final = "q_proj k_proj v_proj o_proj"
_LLAMA: Final = f"{_ATTENTION} gate_proj up_proj down_proj"
_VISION: Final = (
    "qkv proj fc1 fc2 out_proj linear_fc1 linear_fc2 q_proj k_proj v_proj linear_1 linear_2"
)
_NEOX: Final = "query_key_value dense dense_h_to_4h dense_4h_to_h"
_LATENT: Final = (
    "q_proj q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj o_proj gate_proj up_proj down_proj"
)
_DELTA: Final = (
    f"{_LLAMA} in_proj_qkvz in_proj_ba in_proj_qkv in_proj_z in_proj_a in_proj_b out_proj"
    " shared_expert_gate"
)
_BESIDE_LAYERS: Final = frozenset(
    ("lm_head", "embed_tokens", "wte", "wpe", "embed_out", "output_layer")
)
_ORIGINAL: Final = frozenset(("wq", "wk", "wv", "tok_embeddings"))
"""Names of checkpoints as Meta and Mistral publish them, which are not those of transformers."""
_TABLE: Final = f"""
llama LlamaDecoderLayer {_LLAMA}
mistral MistralDecoderLayer {_LLAMA}
mixtral MixtralDecoderLayer {_ATTENTION} w1 w2 w3 gate
qwen2 Qwen2DecoderLayer {_LLAMA}
qwen2_moe Qwen2MoeDecoderLayer {_LLAMA} shared_expert_gate gate
qwen3 Qwen3DecoderLayer {_LLAMA}
qwen3_moe Qwen3MoeDecoderLayer {_LLAMA} gate
qwen3_next Qwen3NextDecoderLayer {_DELTA} gate
qwen3_5_text Qwen3_5DecoderLayer {_DELTA}
qwen3_5_moe_text Qwen3_5MoeDecoderLayer {_DELTA} gate
gemma GemmaDecoderLayer {_LLAMA}
gemma2 Gemma2DecoderLayer {_LLAMA}
gemma3_text Gemma3DecoderLayer {_LLAMA}
phi PhiDecoderLayer q_proj k_proj v_proj dense fc1 fc2
phi3 Phi3DecoderLayer qkv_proj o_proj gate_up_proj down_proj
phimoe PhimoeDecoderLayer {_ATTENTION} router gate w1 w2 w3
gpt2 GPT2Block c_attn c_proj c_fc
gpt_bigcode GPTBigCodeBlock c_attn c_proj c_fc
gpt_neox GPTNeoXLayer {_NEOX}
gpt_neo GPTNeoBlock q_proj k_proj v_proj out_proj c_fc c_proj
gptj GPTJBlock q_proj k_proj v_proj out_proj fc_in fc_out
codegen CodeGenBlock qkv_proj out_proj fc_in fc_out
falcon FalconDecoderLayer {_NEOX}
bloom BloomBlock {_NEOX}
mpt MptBlock Wqkv out_proj up_proj down_proj
opt OPTDecoderLayer q_proj k_proj v_proj out_proj fc1 fc2
stablelm StableLmDecoderLayer {_LLAMA}
starcoder2 Starcoder2DecoderLayer {_ATTENTION} c_fc c_proj
cohere CohereDecoderLayer {_LLAMA}
cohere2 Cohere2DecoderLayer {_LLAMA}
olmo OlmoDecoderLayer {_LLAMA}
olmo2 Olmo2DecoderLayer {_LLAMA}
olmoe OlmoeDecoderLayer {_LLAMA} gate
glm GlmDecoderLayer {_ATTENTION} gate_up_proj down_proj
glm4 Glm4DecoderLayer {_ATTENTION} gate_up_proj down_proj
glm4_moe Glm4MoeDecoderLayer {_LLAMA} gate
deepseek_v2 DeepseekV2DecoderLayer {_LATENT} gate
deepseek_v3 DeepseekV3DecoderLayer {_LATENT} gate
gpt_oss GptOssDecoderLayer {_ATTENTION} router
granite GraniteDecoderLayer {_LLAMA}
llama4_text Llama4TextDecoderLayer {_LLAMA} router
smollm3 SmolLM3DecoderLayer {_LLAMA}
ernie4_5 Ernie4_5DecoderLayer {_LLAMA}
seed_oss SeedOssDecoderLayer {_LLAMA}
exaone4 Exaone4DecoderLayer {_LLAMA}
helium HeliumDecoderLayer {_LLAMA}
nemotron NemotronDecoderLayer {_ATTENTION} up_proj down_proj
qwen QWenBlock c_attn c_proj w1 w2
chatglm GLMBlock {_NEOX}
internlm2 InternLM2DecoderLayer wqkv wo w1 w2 w3
baichuan BaichuanLayer,DecoderLayer W_pack {_LLAMA}
qwen2_vl Qwen2VLDecoderLayer {_LLAMA} {_VISION}
qwen2_5_vl Qwen2_5_VLDecoderLayer {_LLAMA} {_VISION}
qwen3_vl Qwen3VLTextDecoderLayer {_LLAMA} {_VISION}
gemma3 Gemma3DecoderLayer {_LLAMA} {_VISION}
llama4 Llama4TextDecoderLayer {_LLAMA} {_VISION} router
"""


class Layers(msgspec.Struct, frozen=True, kw_only=True):
    """The classes of a model's layers, and the names of the linear parts in them."""

    model_type: str
    classes: tuple[str, ...]
    linear: frozenset[str]


def _read(lines: Iterable[str]) -> dict[str, Layers]:
    found: dict[str, Layers] = {}
    for line in lines:
        kind, classes, *linear = line.split()
        found[kind] = Layers(
            model_type=kind, classes=tuple(classes.split(",")), linear=frozenset(linear)
        )
    return found


LAYERS: Final[Mapping[str, Layers]] = _read(_TABLE.strip().splitlines())
"""By model type."""
_NOT_LINEAR: Final = frozenset(("weight", "bias", "qweight", "qzeros", "scales", "g_idx"))


def layers_of(config: Mapping[str, Any] | None) -> Layers | None:
    """Return what is known of a config's model type; None for one that is not listed."""
    if config is None:
        return None
    for tree in (config, text_config(config)):
        kind = tree.get("model_type")
        if isinstance(kind, str) and kind in LAYERS:
            return LAYERS[kind]
    return None


def module_names(model: ModelFolder) -> frozenset[str]:
    """Return the last names of the modules that hold the weights of the folder's shards."""
    found: set[str] = set()
    for shard in model.shards:
        for tensor in shard.tensors:
            parts = tensor.name.rsplit(".", 2)
            found.update(parts[-2:])
    return frozenset(found - _NOT_LINEAR)


def names_for_adapters(model: ModelFolder) -> frozenset[str] | None:
    """Return the names of modules that an adapter may be put on; None where they are not known.

    Checkpoints as Meta and Mistral publish them, and GGUF, have other names than transformers.
    """
    layers = layers_of(model.config)
    held = module_names(model)
    if held & _ORIGINAL or model.kind == "gguf":
        held = frozenset()
    if layers is None and not held:
        return None
    return held | (layers.linear if layers else frozenset()) | _BESIDE_LAYERS
