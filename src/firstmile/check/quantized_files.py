"""How the files of a model are quantized, by what its config states."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.architecture import text_config

_METHODS: Final = {
    "compressed_tensors": "compressed-tensors",
    "autoround": "auto-round",
    "modelopt_fp4": "modelopt",
    "bitsandbytes_4bit": "bitsandbytes",
    "bitsandbytes_8bit": "bitsandbytes",
}


class Quantized(msgspec.Struct, frozen=True, kw_only=True):
    """A quantization that files have, in the words of its `quantization_config`.

    `group` counts the numbers that share a scale: None where it is not said, -1 for a whole row.
    `block` are the sides of FP8's blocks, by output and input. `stated` is the config itself.
    """

    method: str
    bits: int | None
    group: int | None
    symmetric: bool | None
    block: tuple[int, int] | None
    stated: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Where the method stands in `config.json`."""
        return "quantization_config.quant_method"


def stated_quantization(config: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what a config states of a quantization, or None; the one place that knows where.

    That is its own part or, in models that also see, that of their text; early releases of
    compressed-tensors wrote `compression_config`.
    """
    for tree in () if config is None else (config, text_config(config)):
        for name in ("quantization_config", "compression_config"):
            stated = tree.get(name)
            if isinstance(stated, Mapping) and stated:
                return stated
    return None


def quantized_files(config: Mapping[str, Any] | None) -> Quantized | None:
    """Return how the files are quantized; None where the config says nothing of it.

    bitsandbytes of early releases states no method, only that it loads in 4 or 8 bits.
    """
    stated = stated_quantization(config)
    if stated is None:
        return None
    method = stated.get("quant_method")
    if not isinstance(method, str) or not method:
        loads = stated.get("load_in_4bit") or stated.get("load_in_8bit")
        method = "bitsandbytes" if loads else ""
    method = method.lower()
    return Quantized(
        method=_METHODS.get(method, method),
        bits=_whole(stated, "bits", "w_bit"),
        group=_whole(stated, "group_size", "q_group_size"),
        symmetric=stated.get("sym") if isinstance(stated.get("sym"), bool) else None,
        block=_block(stated.get("weight_block_size")),
        stated=stated,
    )


def _whole(stated: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = stated.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _block(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    if not all(isinstance(side, int) and side > 0 for side in value):
        return None
    return value[0], value[1]
