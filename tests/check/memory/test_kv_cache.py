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
