"""Small GGUF files of architectures that keep caches of other kinds, and what llama.cpp lays out.

`bench.memory_gguf` calls this. The sizes are made up; a file holds the tensors that llama.cpp asks
for (bench/small_files_in_lab.py).
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from firstmile.check.memory import kv_cache, llama_cpp_cache
from firstmile.facts.model_folder.architecture import architecture_of_gguf

ROOT: Final = Path(__file__).parent.parent
RUNS: Final = {
    "four conversations in one cache": {"context": 9000, "sequences": 4, "unified": True},
    "one conversation": {"context": 20480, "sequences": 1, "unified": False},
    "four caches": {"context": 8192, "sequences": 4, "unified": False},
}
_PLAIN: Final = {
    "vocab_size": 1000,
    "context_length": 32768,
    "embedding_length": 512,
    "block_count": 12,
    "feed_forward_length": 1024,
    "attention.head_count": 8,
    "attention.head_count_kv": 2,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "attention.layer_norm_epsilon": 1e-5,
    "rope.dimension_count": 64,
}
_STATES: Final = {
    "ssm.conv_kernel": 4,
    "ssm.inner_size": 1024,
    "ssm.state_size": 16,
    "ssm.time_step_rank": 32,
}
_GROUPED: Final = {**_STATES, "ssm.group_count": 2}
_MIXED: Final = {"attention.head_count_kv": [0, 0, 2] * 4}
_EXPERTS: Final = {
    "expert_count": 8,
    "expert_used_count": 2,
    "expert_feed_forward_length": 256,
    "expert_shared_count": 1,
    "leading_dense_block_count": 1,
    "expert_weights_scale": 1.0,
    "expert_gating_func": 2,
}
_NO_HEADS: Final = {"attention.head_count": 0, "attention.head_count_kv": 0}
SMALL: Final[Mapping[str, Mapping[str, Any]]] = {
    "afmoe": {**_EXPERTS, "attention.sliding_window": 2048},
    "bailingmoe2": {
        **_EXPERTS,
        "expert_shared_feed_forward_length": 256,
        "nextn_predict_layers": 1,
        "expert_group_count": 2,
        "expert_group_used_count": 1,
    },
    "cohere2moe": {**_EXPERTS, "attention.sliding_window": 512, "logit_scale": 1.0},
    "deepseek2": {
        **_EXPERTS,
        "block_count": 26,
        "attention.head_count_kv": 8,
        "attention.key_length": 192,
        "attention.value_length": 128,
        "attention.kv_lora_rank": 512,
    },
    "exaone4": {"block_count": 64, "attention.sliding_window": 4096},
    "falcon-h1": _GROUPED,
    "gemma3n": {
        "block_count": 30,
        "attention.sliding_window": 512,
        "attention.sliding_window_pattern": [True, True, True, True, False] * 6,
        "attention.shared_kv_layers": 10,
        "altup.num_inputs": 4,
        "altup.active_idx": 0,
        "embedding_length_per_layer_input": 64,
    },
    "gemma4": {
        "attention.sliding_window": 512,
        "attention.sliding_window_pattern": [True, True, False] * 4,
        "attention.shared_kv_layers": 3,
        "attention.key_length": 128,
        "attention.value_length": 128,
        "attention.key_length_swa": 64,
        "attention.value_length_swa": 64,
        "embedding_length_per_layer_input": 64,
        "rope.dimension_count_swa": 64,
        "rope.freq_base_swa": 10000.0,
    },
    "granitehybrid": {**_GROUPED, **_MIXED, "logit_scale": 1.0},
    "jamba": {**_STATES, **_MIXED},
    "kimi-linear": {
        **_EXPERTS,
        **_STATES,
        "attention.head_count_kv": [0, 0, 1] * 4,
        "kda.head_dim": 64,
        "attention.kv_lora_rank": 512,
        "attention.key_length": 576,
        "attention.value_length": 512,
        "attention.key_length_mla": 192,
        "attention.value_length_mla": 128,
    },
    "lfm2": {**_MIXED, "shortconv.l_cache": 3},
    "mamba": {**_STATES, **_NO_HEADS},
    "mamba2": {**_GROUPED, **_NO_HEADS},
    "mimo2": {
        **_EXPERTS,
        "attention.sliding_window": 128,
        "attention.sliding_window_pattern": [True, True, False] * 4,
        "attention.key_length": 128,
        "attention.value_length": 64,
        "attention.head_count_kv": [4, 4, 2] * 4,
        "rope.freq_base_swa": 10000.0,
    },
    "nemotron_h": {**_GROUPED, **_MIXED, "feed_forward_length": [0, 1024, 0] * 4},
    "olmo2": {"attention.sliding_window": 4096},
    "plamo2": {**_STATES, **_MIXED, "ssm.group_count": 0},
    "plamo3": {
        "attention.sliding_window": 2048,
        "attention.key_length": 64,
        "attention.value_length": 64,
    },
    "qwen35": {
        **_STATES,
        "ssm.state_size": 64,
        "ssm.time_step_rank": 16,
        "ssm.group_count": 8,
        "full_attention_interval": 4,
        "rope.dimension_sections": [11, 11, 10, 0],
    },
    "rwkv7": {
        "wkv.head_size": 64,
        "attention.decay_lora_rank": 64,
        "attention.iclr_lora_rank": 64,
        "attention.value_residual_mix_lora_rank": 32,
        "attention.gate_lora_rank": 128,
        "token_shift_count": 2,
    },
    "smallthinker": {**_EXPERTS, "attention.sliding_window": 4096},
}
"""By architecture: windows, shared and absent keys, states, latents, heads that differ by layer."""


def settings_of(kind: str) -> dict[str, Any]:
    """Return the metadata of a small file."""
    said = {**_PLAIN, **SMALL[kind]}
    named = {f"{kind}.{name}": value for name, value in said.items()}
    return {"general.architecture": kind, **named, "tokenizer.ggml.model": "none"}


def measure(lab: Path, scratch: Path) -> dict[str, dict[str, list[float]]]:
    """Return the MiB of each cache that llama.cpp lays out, of each architecture and run.

    The processes of some end in an error after their caches stand, which count all the same.
    """
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    found: dict[str, dict[str, list[float]]] = {}
    for kind in SMALL:
        asked = [json.dumps(settings_of(kind)), json.dumps(RUNS)]
        command = [str(lab), "-m", "bench.small_files_in_lab", str(scratch), *asked]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=ROOT, env=settings
        )
        found[kind] = {name: [] for name in RUNS}
        for line in done.stdout.splitlines():
            name, _, size = line.partition("\t")
            found[kind][name].append(float(size))
    return found


def told(kind: str, run: Mapping[str, Any]) -> float:
    """Return the MiB that we tell of a small file's caches."""
    metadata = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in settings_of(kind).items()
    }
    layers = llama_cpp_cache.kept(architecture_of_gguf(metadata), metadata, 2.0, 2.0)
    if layers is None:
        raise SystemExit(f"{kind}: not known")
    cells = llama_cpp_cache.Cells(
        slots=run["sequences"],
        own=not run["unified"],
        assumed=False,
        ubatch=512,
        whole_windows=False,
    )
    tokens = -(-run["context"] // cells.caches)
    size = kv_cache.size(cells.laid_out(layers), tokens, cells.caches, block=llama_cpp_cache.BLOCK)
    return size / 2**20
