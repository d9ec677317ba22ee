"""A folder of a 70B model whose files are holes: real headers, real sizes, a few real values."""

import json
import os
import struct
from pathlib import Path
from typing import Any, Final

from firstmile.lab.folders.editing import edited

_EACH: Final = 25
"""Tensors of a shard."""
_SLICE: Final = 16 * 1024
"""Values are written where samples are taken: whole slices, spread over each tensor."""


def write_full_size(folder: Path) -> None:
    """Write 141 GB in the shapes of Llama 3.3 70B, of which the disk holds some megabytes."""
    from firstmile.lab.libraries import torch, transformers

    config = transformers.LlamaConfig(
        vocab_size=128256,
        hidden_size=8192,
        intermediate_size=28672,
        num_hidden_layers=80,
        num_attention_heads=64,
        num_key_value_heads=8,
        max_position_embeddings=131072,
        bos_token_id=0,
        eos_token_id=[5, 1, 4],
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
        architectures=["LlamaForCausalLM"],
        dtype="bfloat16",
    )
    transformers.GenerationConfig.from_model_config(config).save_pretrained(folder)
    config.save_pretrained(folder)
    with edited(folder / "config.json") as written:
        written["torch_dtype"] = written.pop("dtype")
        rope = written.pop("rope_parameters")
        written["rope_theta"] = rope.pop("rope_theta")
        written["rope_scaling"] = rope
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    named = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    names = list(named)
    count = -(-len(names) // _EACH)
    weight_map: dict[str, str] = {}
    total = 0
    for number in range(count):
        part = names[number * _EACH : (number + 1) * _EACH]
        file = f"model-{number + 1:05d}-of-{count:05d}.safetensors"
        total += _write(folder / file, {name: named[name] for name in part})
        weight_map |= dict.fromkeys(part, file)
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _write(file: Path, named: dict[str, tuple[int, ...]]) -> int:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, shape in named.items():
        size = 2
        for width in shape:
            size *= width
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    written = json.dumps(header).encode()
    written += b" " * (-len(written) % 8)
    values = b"\x0c\x3c\x91\xbb" * (_SLICE // 4)
    with file.open("wb") as out:
        out.write(struct.pack("<Q", len(written)) + written)
        first = out.tell()
        out.truncate(first + at)
        for name in named:
            start, end = header[name]["data_offsets"]
            step = (end - start - _SLICE) // 3 // 2 * 2
            places = (start,) if end - start <= 4 * _SLICE else range(start, end, max(step, 2))
            for one in places:
                os.pwrite(out.fileno(), values[: min(_SLICE, end - one)], first + one)
    return at
