"""Time reading and judging model folders as whole processes.

    python -m bench.model_folders [--shards N] [--layers N] [--runs N]

The folder is made on the spot: the headers of DeepSeek-V3, whose 61 layers are 90,427 tensors, and
files that are sparse, so that 671 billion parameters take no room.
"""

import argparse
import json
import os
import resource
import struct
import sys
import tempfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.speed import run

CONFIG: Final[dict[str, Any]] = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "num_hidden_layers": 61,
    "first_k_dense_replace": 3,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "kv_lora_rank": 512,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "vocab_size": 129280,
    "max_position_embeddings": 163840,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "quantization_config": {
        "quant_method": "fp8",
        "fmt": "e4m3",
        "activation_scheme": "dynamic",
        "weight_block_size": [128, 128],
    },
}
_BYTES: Final = {"BF16": 2, "F32": 4, "F8_E4M3": 1}
_BLOCK: Final = 128


def tensors_of(layers: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield name, number type and shape of each tensor of DeepSeek-V3, cut to so many layers.

    Matrices of the layers are in FP8, each with a scale for every block of 128 x 128.
    """
    hidden, inner, expert = 7168, 18432, 2048
    yield "model.embed_tokens.weight", "BF16", (129280, hidden)
    for layer in range(layers):
        at = f"model.layers.{layer}"
        for norm, width in (
            ("input_layernorm", hidden),
            ("post_attention_layernorm", hidden),
            ("self_attn.q_a_layernorm", 1536),
            ("self_attn.kv_a_layernorm", 512),
        ):
            yield f"{at}.{norm}.weight", "BF16", (width,)
        for name, rows, columns in (
            ("q_a_proj", 1536, hidden),
            ("q_b_proj", 24576, 1536),
            ("kv_a_proj_with_mqa", 576, hidden),
            ("kv_b_proj", 32768, 512),
            ("o_proj", hidden, 16384),
        ):
            yield from _matrix(f"{at}.self_attn.{name}", rows, columns)
        if layer < CONFIG["first_k_dense_replace"]:
            yield from _feed_forward(f"{at}.mlp", hidden, inner)
            continue
        yield f"{at}.mlp.gate.weight", "BF16", (256, hidden)
        yield f"{at}.mlp.gate.e_score_correction_bias", "F32", (256,)
        yield from _feed_forward(f"{at}.mlp.shared_experts", hidden, expert)
        for number in range(256):
            yield from _feed_forward(f"{at}.mlp.experts.{number}", hidden, expert)
    yield "model.norm.weight", "BF16", (hidden,)
    yield "lm_head.weight", "BF16", (129280, hidden)


def _feed_forward(at: str, hidden: int, inner: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    for name, rows, columns in (
        ("gate_proj", inner, hidden),
        ("up_proj", inner, hidden),
        ("down_proj", hidden, inner),
    ):
        yield from _matrix(f"{at}.{name}", rows, columns)


def _matrix(name: str, rows: int, columns: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    yield f"{name}.weight", "F8_E4M3", (rows, columns)
    yield f"{name}.weight_scale_inv", "F32", (-(-rows // _BLOCK), -(-columns // _BLOCK))


def make_folder(folder: Path, *, shards: int, layers: int = CONFIG["num_hidden_layers"]) -> None:
    """Write config, index and sparse shards."""
    all_tensors = list(tensors_of(layers))
    share = -(-len(all_tensors) // shards)
    weights = {}
    whole = 0
    for number in range(1, shards + 1):
        path = f"model-{number:05d}-of-{shards:05d}.safetensors"
        header: dict[str, object] = {"__metadata__": {"format": "pt"}}
        at = 0
        for name, dtype, shape in all_tensors[(number - 1) * share : number * share]:
            end = at + prod(shape) * _BYTES[dtype]
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, end]}
            weights[name] = path
            at = end
        text = json.dumps(header).encode()
        with (folder / path).open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + at)
        whole += at
    config = {**CONFIG, "num_hidden_layers": layers}
    (folder / "config.json").write_text(json.dumps(config))
    index = {"metadata": {"total_size": whole}, "weight_map": weights}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


READ = """
import sys, time
from pathlib import Path
from firstmile.facts.model_folder.documents import read_documents, read_index
from firstmile.facts.model_folder.listed_files import list_files
from firstmile.facts.model_folder.safetensors import read_shards
from firstmile.facts.model_folder.source import Source
began = time.perf_counter()
source = Source(Path(sys.argv[1]))
files = list_files(source)
shards = read_shards(source, files), read_documents(source, files), read_index(source, files)
print(round((time.perf_counter() - began) * 1000), "ms within the process")
"""


def processor_seconds() -> float:
    """Return what children have computed, which other work on the machine changes less."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Make a folder and print wall milliseconds, computing and peak MiB of each step."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shards", type=int, default=100)
    options.add_argument("--layers", type=int, default=CONFIG["num_hidden_layers"])
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        folder.mkdir()
        make_folder(folder, shards=given.shards, layers=given.layers)
        saved = Path(name) / "s.json"
        program = [sys.executable, "-m", "firstmile"]
        judging = ["sh", "-c", '"$@" || test $? -lt 3', "-", *program]
        steps = {
            "firstmile --version": [*program, "--version"],
            "headers and configs read": [sys.executable, "-c", READ, str(folder)],
            "firstmile facts MODEL --out": [*program, "facts", str(folder), "--out", str(saved)],
            "firstmile check MODEL": [*judging, "check", str(folder)],
            "firstmile check --snapshot": [*judging, "check", "--snapshot", str(saved)],
        }
        tensors = sum(1 for _ in tensors_of(given.layers))
        print(f"{given.shards} shards, {tensors:,} tensors, {given.runs} runs each")
        for what, command in steps.items():
            before = processor_seconds()
            found = [run(command) for _ in range(given.runs)]
            computing = (processor_seconds() - before) / given.runs
            wall = sorted(seconds * 1000 for seconds, _, _ in found)
            peak = max(peak for _, peak, _ in found)
            said = found[-1][2].strip().splitlines()[-1:] if "read" in what else [""]
            print(
                f"{what}: {median(wall):.0f} ms ({wall[0]:.0f} to {wall[-1]:.0f}), "
                f"{computing * 1000:.0f} ms of computing, {peak:.0f} MiB {said[0]}"
            )
        print(f"snapshot: {saved.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
