"""Time reading and judging model folders as whole processes.

    python -m bench.model_folders [--shards N] [--tensors N] [--runs N]

The folder is made on the spot: headers of that many tensors, and files that are sparse, so that
671 billion parameters take no room.
"""

import argparse
import json
import os
import resource
import struct
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.speed import run

CONFIG = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "num_hidden_layers": 61,
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
    "torch_dtype": "bfloat16",
}


def tensor_names() -> Iterator[str]:
    """Yield names as a mixture of experts has them, without an end."""
    yield "model.embed_tokens.weight"
    layer = 0
    while True:
        yield f"model.layers.{layer}.input_layernorm.weight"
        for expert in range(256):
            for part in ("gate_proj", "up_proj", "down_proj"):
                yield f"model.layers.{layer}.mlp.experts.{expert}.{part}.weight"
                yield f"model.layers.{layer}.mlp.experts.{expert}.{part}.weight_scale_inv"
        layer += 1


def make_folder(folder: Path, *, shards: int, tensors: int) -> None:
    """Write config, index and sparse shards."""
    names = tensor_names()
    weights = {}
    for number in range(1, shards + 1):
        path = f"model-{number:05d}-of-{shards:05d}.safetensors"
        header: dict[str, object] = {"__metadata__": {"format": "pt"}}
        at = 0
        for _ in range(tensors // shards):
            name = next(names)
            end = at + 2048 * 7168 * 2
            header[name] = {"dtype": "BF16", "shape": [2048, 7168], "data_offsets": [at, end]}
            weights[name] = path
            at = end
        text = json.dumps(header).encode()
        with (folder / path).open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + at)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    index = {"metadata": {"total_size": 0}, "weight_map": weights}
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
    options.add_argument("--tensors", type=int, default=90_000)
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        folder.mkdir()
        make_folder(folder, shards=given.shards, tensors=given.tensors)
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
        print(f"{given.shards} shards, {given.tensors:,} tensors, {given.runs} runs each")
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
