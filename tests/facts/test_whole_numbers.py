"""Digits from outside are read with a bound, wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.cuda_builds import capability_of
from firstmile.check.tensor_names import layout_of
from firstmile.check.worlds import folder, shard
from firstmile.facts.model_folder.architecture import architecture_of_gguf
from firstmile.facts.model_folder.special_tokens import decoder_of
from firstmile.facts.whole_numbers import MOST_DIGITS, whole_number

LONG = "9" * 5_000


@given(st.integers(0, 10**MOST_DIGITS - 1))
def test_numbers_are_read(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize("text", ["", "²", "٣", "-1", "+1", " 1", "1_0", "1.0", LONG])
def test_what_is_no_number_or_too_long_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_ids_and_layers_of_thousands_of_digits_break_nothing() -> None:
    added = {LONG: {"content": "a"}, "²": {"content": "b"}, "3": {"content": "c"}}
    model = folder(documents={"tokenizer_config.json": {"added_tokens_decoder": added}})
    assert list(decoder_of(model)) == [(3, "c")]
    tensors = {
        f"model.layers.{place}.mlp.up_proj.weight": ("BF16", (8, 8)) for place in ("0", LONG, "²")
    }
    layout = layout_of(folder(shards=[shard(tensors)]))
    assert layout is not None
    assert set(layout.layers) == {0}
    assert len(layout.outside) == 2


@pytest.mark.parametrize("text", [f"{LONG}.0", "8.²", "8", "8.6.1", ""])
def test_capabilities_that_are_none(text: str) -> None:
    assert capability_of(text) is None
    assert capability_of("8.6") == (8, 6)


@pytest.mark.parametrize("form", [list, tuple])
def test_settings_by_layer_count_by_the_largest(form: type) -> None:
    stated = {
        "general.architecture": "openelm",
        "openelm.block_count": 3,
        "openelm.embedding_length": 64,
        "openelm.attention.head_count": form([4, 8, 8]),
        "openelm.attention.head_count_kv": form([1, 2, 4]),
        "openelm.feed_forward_length": form([100, 300, 200]),
        "openelm.attention.sliding_window": 512,
        "openelm.attention.sliding_window_pattern": form([True, False, True]),
    }
    sizes = architecture_of_gguf(stated)
    assert (sizes.heads, sizes.kv_heads, sizes.feed_forward) == (8, 4, 300)
    assert (sizes.head_width, sizes.sliding_layers) == (8, (0, 2))
