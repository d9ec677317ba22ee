"""Keys and values by kinds of attention."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.memory import kv_cache
from firstmile.check.memory.kv_cache import Layers
from firstmile.facts.model_folder.architecture import read_architecture, text_config

CONFIGS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published_configs.json").read_text(encoding="utf-8")
)


def kept(name: str, **more: Any) -> Layers:
    config = CONFIGS[name]
    found = kv_cache.kept(read_architecture(config), text_config(config), 2, **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "a_token"),
    [
        ("Llama 2 7B", 2 * 32 * 32 * 128 * 2),
        ("Llama 3 8B", 2 * 32 * 8 * 128 * 2),
        ("Falcon 7B", 2 * 32 * 1 * 64 * 2),
        ("DeepSeek-V3", 61 * 576 * 2),
        ("Qwen3-Next 80B-A3B", 2 * 12 * 2 * 256 * 2),
    ],
)
def test_a_token_takes_what_its_kind_of_attention_keeps(name: str, a_token: int) -> None:
    assert kept(name).full == a_token


def test_windows_keep_no_more_than_they_see() -> None:
    gemma = kept("Gemma 3 27B")
    assert gemma.sliding / gemma.full == pytest.approx(52 / 10)
    longer = kv_cache.size(gemma, 20_000) - kv_cache.size(gemma, 10_000)
    assert longer == 10_000 * gemma.full


def test_tensor_parallelism_divides_heads_and_not_latents() -> None:
    assert kept("Llama 3 8B", tensor=4).full == kept("Llama 3 8B").full / 4
    assert kept("Llama 3 8B", tensor=16).full == kept("Llama 3 8B").full / 8
    assert kept("DeepSeek-V3", tensor=8).full == kept("DeepSeek-V3").full


def test_without_a_latent_each_head_keeps_its_own() -> None:
    assert kept("DeepSeek-V3", latent=False).full == 61 * 128 * (128 + 64 + 128) * 2


def test_blocks_are_whole() -> None:
    llama = kept("Llama 3 8B")
    assert kv_cache.size(llama, 17, block=16) == 32 * llama.full
    assert kv_cache.size(llama, 16, 3, block=16) == 48 * llama.full


@given(
    full=st.integers(1, 10**6),
    sliding=st.integers(0, 10**6),
    window=st.integers(0, 10_000),
    room=st.integers(0, 10**12),
    block=st.sampled_from([1, 16, 256]),
)
def test_the_longest_context_fits_and_one_block_more_does_not(
    full: int, sliding: int, window: int, room: int, block: int
) -> None:
    layers = Layers(full=full, sliding=sliding, window=window, state=0)
    longest = kv_cache.longest(layers, room, block=block)
    if longest:
        assert kv_cache.size(layers, longest, block=block) <= room
    if longest < 1 << 25:
        assert kv_cache.size(layers, longest + block, block=block) > room


HYBRIDS: dict[str, tuple[dict[str, Any], int]] = {
    "Nemotron-Nano-9B-v2": (
        {
            "model_type": "nemotron_h",
            "hidden_size": 4480,
            "num_hidden_layers": 56,
            "num_attention_heads": 40,
            "num_key_value_heads": 8,
            "head_dim": 128,
            "hybrid_override_pattern": "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-",
            "mamba_num_heads": 128,
            "mamba_head_dim": 80,
            "ssm_state_size": 128,
            "conv_kernel": 4,
            "n_groups": 8,
        },
        16_384,
    ),
    "Granite 4.0 H Small": (
        {
            "model_type": "granitemoehybrid",
            "hidden_size": 4096,
            "num_hidden_layers": 40,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "layer_types": (["mamba"] * 5 + ["attention"] + ["mamba"] * 4) * 4,
        },
        16_384,
    ),
    "LFM2 1.2B": (
        {
            "model_type": "lfm2",
            "hidden_size": 2048,
            "num_hidden_layers": 16,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "layer_types": ["conv", "conv", "full_attention", "conv", "conv", "full_attention"]
            + ["conv", "conv", "full_attention", "conv"]
            + ["full_attention", "conv"] * 3,
        },
        12_288,
    ),
    "Jamba": (
        {
            "model_type": "jamba",
            "hidden_size": 4096,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "attn_layer_period": 8,
            "attn_layer_offset": 4,
            "mamba_d_state": 16,
            "mamba_d_conv": 4,
            "mamba_expand": 2,
        },
        4 * 2 * 8 * 128 * 2,
    ),
    "MiniMax-Text-01": (
        {
            "hidden_size": 6144,
            "num_hidden_layers": 80,
            "num_attention_heads": 64,
            "num_key_value_heads": 8,
            "head_dim": 128,
            "attn_type_list": ([0] * 7 + [1]) * 10,
        },
        10 * 2 * 8 * 128 * 2,
    ),
    "Kimi Linear": (
        {
            "hidden_size": 2304,
            "num_hidden_layers": 27,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "kv_lora_rank": 512,
            "qk_nope_head_dim": 128,
            "qk_rope_head_dim": 64,
            "v_head_dim": 128,
            "linear_attn_config": {
                "full_attn_layers": [4, 8, 12, 16, 20, 24, 27],
                "kda_layers": [n for n in range(1, 27) if n % 4],
                "num_heads": 32,
                "head_dim": 128,
                "short_conv_kernel_size": 4,
            },
        },
        7 * 576 * 2,
    ),
    "Gemma 3n E4B": (
        {
            "hidden_size": 2048,
            "num_hidden_layers": 35,
            "num_attention_heads": 8,
            "num_key_value_heads": 2,
            "head_dim": 256,
            "num_kv_shared_layers": 15,
        },
        20 * 2 * 2 * 256 * 2,
    ),
}


@pytest.mark.parametrize("name", HYBRIDS)
def test_hybrid_models_keep_keys_and_values_in_their_attention_layers_alone(name: str) -> None:
    config, a_token = HYBRIDS[name]
    found = kv_cache.kept(read_architecture(config), config, 2)
    assert found is not None
    assert found.full + found.sliding == a_token


def test_state_spaces_keep_a_state_whatever_the_length() -> None:
    config, _ = HYBRIDS["Nemotron-Nano-9B-v2"]
    found = kv_cache.kept(read_architecture(config), config, 2)
    assert found is not None
    inner = 128 * 80
    assert found.state == 27 * (inner * 128 * 4 + (inner + 2 * 8 * 128) * 4 * 2)
    grown = kv_cache.size(found, 20_000) - kv_cache.size(found, 10_000)
    assert grown == 10_000 * found.full


def test_heads_that_differ_by_layer_are_not_guessed() -> None:
    config = {**CONFIGS["Llama 3 8B"], "block_configs": [{"attention": {"no_op": True}}]}
    assert kv_cache.kept(read_architecture(config), config, 2) is None


def test_indexer_of_sparse_attention_keeps_its_keys_beside_the_latent() -> None:
    config = {**CONFIGS["DeepSeek-V3"], "index_head_dim": 128}
    whole = kv_cache.kept(read_architecture(config), config, 2)
    packed = kv_cache.kept(read_architecture(config), config, 1)
    assert whole is not None
    assert packed is not None
    assert (whole.full, packed.full) == (61 * (1152 + 132), 61 * (656 + 132))
