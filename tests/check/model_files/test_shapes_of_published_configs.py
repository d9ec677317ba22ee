"""Shapes that follow from published configs hold as many numbers as the blueprint of memory draws.

The two are written apart: one names tensors, the other counts numbers.
"""

import json
from math import prod
from pathlib import Path
from typing import Any, Final

import pytest

from firstmile.check.memory.blueprint import draw
from firstmile.check.tensor_names import family_of, modules_of, shapes_of
from firstmile.facts.model_folder.architecture import Architecture, read_architecture

PUBLISHED: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "memory" / "published_configs.json").read_text(encoding="utf-8")
)
CONFIGS: Final = {
    name: held.get("config", held)
    for name, held in PUBLISHED.items()
    if family_of(held.get("config", held)) is not None
}


def numbers(config: dict[str, Any], modules: list[str]) -> int | None:
    """Return how many numbers some modules of a layer hold, or None where one is not known."""
    shapes = [shapes_of(config).get(f"{name}.weight") for name in modules]
    return None if None in shapes else sum(prod(shape or ()) for shape in shapes)


def of_attention(family: str, sizes: Architecture) -> list[str]:
    """Return the modules of attention, those of latent queries included."""
    found = [name for name in modules_of(family) if ("attn" in name or "attention" in name)]
    found = [name for name in found if "norm" not in name]
    if sizes.latent is not None and sizes.latent.query_rank:
        return [*found, "self_attn.q_a_proj", "self_attn.q_b_proj"]
    return [*found, "self_attn.q_proj"] if sizes.latent is not None else found


def test_most_published_configs_are_of_known_families() -> None:
    assert len(CONFIGS) >= 50


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_shapes_add_up_to_the_blueprint(name: str) -> None:
    config = CONFIGS[name]
    family, sizes = family_of(config), read_architecture(config)
    drawn = draw(config, sizes)
    assert family is not None
    assert drawn is not None
    layer = drawn.layers[0]
    attention = numbers(config, of_attention(family, sizes))
    whole = layer.whole if sizes.latent is not None else 0
    assert attention in (None, layer.attention + layer.keys_values + whole)
    if sizes.experts is None:
        forward = numbers(config, [one for one in modules_of(family) if "mlp." in one])
        assert forward == layer.feed_forward
