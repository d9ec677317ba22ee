"""RoPE scaling in the words of many configs, and how far it reaches."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.rope import plain_scaling, scalings_of, stretched
from firstmile.check.worlds import LLAMA
from firstmile.facts.model_folder.architecture import read_architecture

YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}


def reach(positions: int, rope: dict[str, Any] | None, **more: Any) -> int | None:
    config = {**LLAMA, "max_position_embeddings": positions, "rope_scaling": rope, **more}
    return stretched(read_architecture(config))


def test_the_kind_is_read_in_old_words_and_new() -> None:
    assert scalings_of({"type": "linear", "factor": 2.0})[0].kind == "linear"
    assert scalings_of({"rope_type": "yarn", "type": "linear"})[0].kind == "yarn"
    assert scalings_of({"factor": 2.0})[0].kind == "default"


def test_scalings_of_kinds_of_layers_are_apart() -> None:
    rope = {
        "full_attention": {"rope_type": "linear", "factor": 8.0},
        "sliding_attention": {"rope_type": "default"},
    }
    assert [(each.kind, each.layers) for each in scalings_of(rope)] == [
        ("linear", "full_attention"),
        ("default", "sliding_attention"),
    ]
    full = plain_scaling(rope)
    assert full is not None
    assert full.factor == 8


@pytest.mark.parametrize(
    ("positions", "rope", "expected"),
    [
        (4096, None, 4096),
        (32768, YARN, 131072),
        (40960, YARN, 131072),
        (131072, YARN, 131072),
        (163840, {"type": "yarn", "factor": 40, "original_max_position_embeddings": 4096}, 163840),
        (4096, {"type": "linear", "factor": 4.0}, 16384),
        (4096, {"type": "dynamic", "factor": 2.0}, 8192),
        (131072, {"rope_type": "llama3", "factor": 8.0}, 131072),
        (131072, {"type": "longrope", "factor": 32.0}, 131072),
        (4096, {"type": "linear"}, 4096),
        (4096, {"type": "linear", "factor": float("nan")}, 4096),
        (4096, {"type": "linear", "factor": float("inf")}, 4096),
    ],
)
def test_scaling_reaches_as_far_as_its_makers_say(
    positions: int, rope: dict[str, Any] | None, expected: int
) -> None:
    assert reach(positions, rope) == expected


def test_the_positions_of_gemma_3_are_stretched_already() -> None:
    rope = {"rope_type": "linear", "factor": 8.0}
    assert reach(131072, rope, model_type="gemma3_text") == 131072


def test_a_scaling_of_the_command_goes_over_that_of_the_file() -> None:
    sizes = read_architecture({**LLAMA, "max_position_embeddings": 40960})
    assert stretched(sizes, YARN) == 131072
    assert stretched(sizes, {**YARN, "factor": 2.0}) == 65536


VALUES = st.none() | st.integers() | st.floats(allow_nan=False) | st.text() | st.booleans()


@given(st.dictionaries(st.sampled_from(["rope_type", "type", "factor", "full_attention"]), VALUES))
def test_hostile_scalings_never_break_it(rope: dict[str, Any]) -> None:
    for each in scalings_of(rope):
        assert isinstance(each.kind, str)
        assert each.factor is None or isinstance(each.factor, float)
