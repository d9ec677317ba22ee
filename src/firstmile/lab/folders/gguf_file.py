"""A folder of transformers turned into GGUF, with vocabulary, template and metadata."""

import json
from pathlib import Path
from typing import Any

from firstmile.lab.small_gguf import add_tokens, short_name


def write_gguf(
    source: Path, file: Path, *, architecture: str = "qwen2", pre: str = "qwen2"
) -> None:
    """Write a model with its vocabulary: matrices in Q8_0 where their width allows it."""
    from firstmile.lab.libraries import gguf, torch, transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
    config = model.config
    writer = gguf.GGUFWriter(str(file), architecture)
    writer.add_name("Small")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    _add_vocabulary(writer, source, pre, config.vocab_size)
    tied = config.tie_word_embeddings
    for long_name, weight in model.state_dict().items():
        if tied and long_name == "lm_head.weight":
            continue
        values = weight.float().numpy()
        if values.ndim == 2 and values.shape[1] % 32 == 0:
            packed = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(short_name(long_name), packed, raw_dtype=kind)
        else:
            writer.add_tensor(short_name(long_name), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_vocabulary(writer: Any, source: Path, pre: str, rows: int) -> None:
    settings = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    tokens = add_tokens(writer, source, pre, rows)
    writer.add_eos_token_id(tokens.index(settings["eos_token"]))
    writer.add_pad_token_id(tokens.index(settings["pad_token"]))
    if settings.get("bos_token"):
        writer.add_bos_token_id(tokens.index(settings["bos_token"]))
    writer.add_chat_template((source / "chat_template.jinja").read_text(encoding="utf-8"))
