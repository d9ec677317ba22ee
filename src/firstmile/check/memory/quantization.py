"""What a quantization stores: bits a number with its scales, and which parts it leaves alone."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.quantized_files import quantized_files

_WIDEST: Final = 64
"""Bits of a number; what is beyond states nothing."""
_MOST_IN_A_GROUP: Final = 2**31
_NO_GROUPS: Final = 4096.0
"""Numbers that share a scale where there are no groups: about a row."""


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """A quantization. `bits` a number, scales and zero points counted in.

    `experts_only` leaves everything but the routed experts as it is. `at_load` means that the
    files are not quantized: an engine does it while it loads.
    """

    name: str
    bits: float
    low_bits: float
    high_bits: float
    attention: bool = True
    feed_forward: bool = True
    experts: bool = True
    head: bool = False
    at_load: bool = False

    @property
    def is_four_bit(self) -> bool:
        """Whether a number takes about half a byte."""
        return self.bits < 6


def scheme_of_config(config: Mapping[str, Any]) -> Scheme | None:
    """Return the quantization that a config states, or None.

    What is unknown is taken by its bits alone.
    """
    files = quantized_files(config)
    if files is None:
        return None
    stated, method = files.stated, files.method
    left = _left_alone(stated)
    if method in ("gptq", "awq", "gptq_marlin", "awq_marlin", "auto-round"):
        return _grouped(method, stated, left)
    if method == "bitsandbytes":
        if stated.get("load_in_4bit"):
            return nf4(double=bool(stated.get("bnb_4bit_use_double_quant")))
        return eight_bit()
    if method in ("fp8", "fbgemm_fp8"):
        return _fp8(stated, left)
    if method == "mxfp4":
        return Scheme(
            name="MXFP4",
            bits=4.25,
            low_bits=4.25,
            high_bits=4.5,
            attention=not left.attention,
            feed_forward=False,
        )
    if method == "compressed-tensors":
        return _compressed(stated, left)
    if method == "modelopt":
        four = "4" in str(stated.get("quant_algo", stated.get("quant_method")))
        return _plain("NVFP4", 4.5, left) if four else _plain("FP8", 8.0, left)
    bits = stated.get("bits", stated.get("w_bit", stated.get("nbits")))
    return _plain(method or "quantized", float(bits) + 0.5, left) if _is_width(bits) else None


class _Left(msgspec.Struct, frozen=True):
    attention: bool
    feed_forward: bool
    head: bool


def _left_alone(stated: Mapping[str, Any]) -> _Left:
    """Return which parts a config names as not quantized."""
    named = stated.get("modules_to_not_convert") or stated.get("ignore") or ()
    listed = [str(one) for one in named] if isinstance(named, list | tuple) else []
    all_of_it = [one for one in listed if "*" in one or one.startswith("re:") or "." not in one]
    return _Left(
        attention=any("attn" in one for one in all_of_it),
        feed_forward=any("shared_expert" in one for one in all_of_it),
        head=any("lm_head" in one for one in listed),
    )


def _grouped(method: str, stated: Mapping[str, Any], left: _Left) -> Scheme:
    """Return GPTQ and AWQ: a scale of 16 bits and a packed zero point for each group.

    arXiv 2210.17323 and 2306.00978; the tensors as their kernels store them are `qweight`,
    `scales`, `qzeros` and, in GPTQ, `g_idx` of 32 bits for each input.
    """
    said = stated.get("bits", stated.get("w_bit"))
    width = float(said) if _is_width(said) else 4.0
    size = _float(stated.get("group_size", stated.get("q_group_size", 128)), _NO_GROUPS)
    each = width + (16 + width) / size
    name = f"{'AWQ' if 'awq' in method else 'GPTQ'} of {width:g} bits"
    head = stated.get("lm_head") is True
    return Scheme(
        name=name,
        bits=each,
        low_bits=each,
        high_bits=each + 0.02,
        attention=not left.attention,
        head=head,
    )


def _fp8(stated: Mapping[str, Any], left: _Left) -> Scheme:
    """Return FP8: a scale of 32 bits for each block, or each output where there are none.

    DeepSeek-V3 (arXiv 2412.19437, 3.3.2) has blocks of 128 by 128.
    """
    block = stated.get("weight_block_size")
    area = 1.0
    if isinstance(block, list) and all(_number(one) and one >= 1 for one in block):
        for one in block:
            area *= one
    bits = 8 + (32 / area if area > 1 else 32 / 4096)
    return Scheme(
        name="FP8",
        bits=bits,
        low_bits=bits,
        high_bits=bits + 0.02,
        attention=not left.attention,
        feed_forward=not left.feed_forward,
    )


def _compressed(stated: Mapping[str, Any], left: _Left) -> Scheme | None:
    groups = stated.get("config_groups")
    first = next(iter(groups.values()), None) if isinstance(groups, Mapping) else None
    weights = first.get("weights") if isinstance(first, Mapping) else None
    if not isinstance(weights, Mapping) or not _is_width(weights.get("num_bits")):
        return None
    width = float(weights["num_bits"])
    size = _float(weights.get("group_size"), _NO_GROUPS)
    zero = 0.0 if weights.get("symmetric", True) else width
    scale = 8 if width == 4 and weights.get("type") == "float" else 16
    return _plain(f"compressed-tensors of {width:g} bits", width + (scale + zero) / size, left)


def _plain(name: str, bits: float, left: _Left) -> Scheme:
    return Scheme(
        name=name,
        bits=bits,
        low_bits=bits,
        high_bits=bits * 1.02,
        attention=not left.attention,
        feed_forward=not left.feed_forward,
    )


def nf4(*, double: bool | None) -> Scheme:
    """Return bitsandbytes of 4 bits: blocks of 64 with a scale of 32 bits.

    Double quantization makes that 0.127 bits a number (QLoRA, arXiv 2305.14314, section 3).
    """
    if double is None:
        return Scheme(name="NF4", bits=4.127, low_bits=4.127, high_bits=4.5, at_load=True)
    bits = 4.127 if double else 4.5
    return Scheme(name="NF4", bits=bits, low_bits=bits, high_bits=bits, at_load=True)


def eight_bit() -> Scheme:
    """Return bitsandbytes of 8 bits: a scale of 32 bits for each row (arXiv 2208.07339)."""
    return Scheme(name="8 bits", bits=8.01, low_bits=8.0, high_bits=8.05, at_load=True)


def _fp8_at_load() -> Scheme:
    return Scheme(name="FP8", bits=8.01, low_bits=8.0, high_bits=8.05, at_load=True)


_AT_LOAD: Final = {
    "fp8": _fp8_at_load,
    "w8a8_fp8": _fp8_at_load,
    "ptpc_fp8": _fp8_at_load,
    "fbgemm_fp8": _fp8_at_load,
}


def scheme_of(config: Mapping[str, Any], intent: Intent) -> Scheme | None:
    """Return the quantization that the run ends up with: that of the files, else of the command."""
    stored = scheme_of_config(config)
    if stored is not None:
        return stored
    if intent.load_in_bits == 4 or (intent.training and intent.training.method == "qlora"):
        return nf4(double=None)
    if intent.load_in_bits == 8:
        return eight_bit()
    asked = (intent.quantization or "").lower()
    if asked == "bitsandbytes":
        return nf4(double=None)
    make = _AT_LOAD.get(asked)
    return make() if make else None


def _float(value: Any, otherwise: float) -> float:
    """Return a positive number, else what is taken instead (a group size of -1 is a whole row)."""
    return float(value) if _number(value) and value >= 1 else otherwise


def _number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -_MOST_IN_A_GROUP <= value <= _MOST_IN_A_GROUP


def _is_width(value: Any) -> bool:
    """Whether a value is a number of bits that numbers may have."""
    return _number(value) and 0 < value <= _WIDEST
