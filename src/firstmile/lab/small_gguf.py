"""Small GGUF files: a small model with its vocabulary in the form that llama.cpp reads."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from firstmile.lab.workbench import Workbench

_NAMES: Final = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.q_proj.bias": "attn_q.bias",
    "self_attn.k_proj.bias": "attn_k.bias",
    "self_attn.v_proj.bias": "attn_v.bias",
    "self_attn.o_proj.weight": "attn_output.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
}


def write_gguf(
    bench: Workbench,
    *,
    name: str = "model.gguf",
    architecture: str = "llama",
    pre_tokenizer: str = "default",
    without: Sequence[str] = (),
    parts: int = 0,
) -> Path:
    """Write a small model into the folder as GGUF and return the file.

    Tensors named in `without` are left out; `parts` is how many files the model says it has.
    """
    from firstmile.lab.libraries import gguf, transformers

    folder = bench.model(name="for-gguf")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    file = bench.folder / name
    writer = gguf.GGUFWriter(str(file), architecture)
    config = model.config
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    tokens = add_tokens(writer, folder, pre_tokenizer)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    if parts:
        writer.add_uint16("split.no", 0)
        writer.add_uint16("split.count", parts)
        writer.add_int32("split.tensors.count", len(model.state_dict()))
    for long_name, weight in model.state_dict().items():
        short = short_name(long_name)
        if short not in without:
            writer.add_tensor(short, weight.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def short_name(name: str) -> str:
    """Return how llama.cpp names a tensor that transformers calls so."""
    if name in _NAMES:
        return _NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{_NAMES[rest]}"


def add_tokens(writer: Any, folder: Path, pre_tokenizer: str, rows: int = 0) -> list[str]:
    """Write a folder's tokens and merges, filled up to so many rows, and return the tokens."""
    held = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    special = {token["content"] for token in held["added_tokens"]}
    tokens = sorted(held["model"]["vocab"], key=held["model"]["vocab"].__getitem__)
    tokens += [f"[PAD{place}]" for place in range(len(tokens), rows)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in special else 1 for token in tokens])
    merges = held["model"]["merges"]
    writer.add_token_merges([each if isinstance(each, str) else " ".join(each) for each in merges])
    return tokens
