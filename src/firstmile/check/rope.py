"""RoPE scaling as configs and commands state it, in old words and new, and how far it reaches."""

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.architecture import Architecture

KNOWN: Final = frozenset(("default", "linear", "dynamic", "yarn", "longrope", "llama3"))
"""Kinds of scaling that transformers has had since 4.43 (`ROPE_INIT_FUNCTIONS`)."""
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "linear": ("factor",),
    "dynamic": ("factor",),
    "yarn": ("factor",),
    "longrope": ("short_factor", "long_factor"),
    "llama3": ("factor", "low_freq_factor", "high_freq_factor"),
}
"""What each kind needs (`modeling_rope_utils.py` of transformers, validation of each kind)."""
_LAYERS: Final = ("full_attention", "sliding_attention", "chunked_attention", "linear_attention")


class Scaling(msgspec.Struct, frozen=True, kw_only=True):
    """One scaling: its kind ("default" where none is said), and all that was said of it.

    `layers` names the kind of layers that it holds for, where a config parts them.
    """

    kind: str
    stated: Mapping[str, Any]
    layers: str | None = None

    @property
    def factor(self) -> float | None:
        """How many times longer texts become, where that is a number."""
        return _number(self.stated.get("factor"))

    @property
    def original(self) -> int | None:
        """The positions that were learnt before the scaling."""
        value = self.stated.get("original_max_position_embeddings")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def stretches(self) -> bool:
        """Whether it changes anything."""
        return self.kind != "default" and (self.factor is None or self.factor != 1)


def scalings_of(rope: Mapping[str, Any] | None) -> tuple[Scaling, ...]:
    """Return the scalings of a config: one, or one for each kind of layers."""
    if not rope:
        return ()
    parts = [(name, rope.get(name)) for name in _LAYERS if name in rope]
    if parts:
        return tuple(
            Scaling(kind=_kind(part), stated=part, layers=name)
            for name, part in parts
            if isinstance(part, Mapping)
        )
    return (Scaling(kind=_kind(rope), stated=rope),)


def _kind(rope: Mapping[str, Any]) -> str:
    kind = rope.get("rope_type", rope.get("type"))
    return kind if isinstance(kind, str) else "default"


def plain_scaling(rope: Mapping[str, Any] | None) -> Scaling | None:
    """Return the scaling that holds for all layers, or for those that see the whole text."""
    found = scalings_of(rope)
    full = [each for each in found if each.layers in (None, "full_attention")]
    return full[0] if full else None


def stretched(sizes: Architecture, asked: Mapping[str, Any] | None = None) -> int | None:
    """Return the positions that are usable; `asked` is a scaling that the command sets.

    Scalings of the kinds linear, dynamic and yarn state a factor over the original length; in
    those of Llama 3, of LongRoPE and of Gemma 3 the config's positions are stretched already.
    """
    positions = sizes.positions
    if positions is None:
        return None
    scaling = plain_scaling(asked or sizes.rope)
    if scaling is None or scaling.factor is None or "gemma3" in (sizes.model_type or ""):
        return positions
    if scaling.kind not in ("linear", "dynamic", "yarn"):
        return positions
    reach = int((scaling.original or positions) * scaling.factor)
    return reach if asked and scaling.kind == "yarn" else max(positions, reach)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
