"""What quantization the tensors of a folder show, and what its files state of it."""

from collections.abc import Mapping
from typing import Any, Final

from firstmile.check.tensor_names import Layout
from firstmile.facts.model_folder.folder import ModelFolder

MARKS: Final[Mapping[str, str]] = {
    ".qweight": "GPTQ or AWQ",
    ".weight_packed": "compressed-tensors",
    ".weight_scale_inv": "FP8 with blocks",
    ".weight.absmax": "bitsandbytes with 4 bits",
    ".SCB": "bitsandbytes with 8 bits",
    "_proj_blocks": "MXFP4",
}
"""Endings of tensors that one form of quantization alone has."""
BESIDE: Final = ("quantize_config.json", "quant_config.json", "hf_quant_config.json")
"""Files in which some quantizers state it; vLLM reads them, transformers does not."""


def mark_of(layout: Layout) -> tuple[str, str] | None:
    """Return the form that the tensors of the layers show, and the tensor that shows it."""
    for tensors in layout.layers.values():
        for name, one in tensors.items():
            for ending, form in MARKS.items():
                if name.endswith(ending):
                    return form, one.name
    for groups in layout.experts.values():
        for name, group in groups.items():
            for ending, form in MARKS.items():
                if name.endswith(ending):
                    return form, group.first.name
    return None


def stated_beside(model: ModelFolder) -> tuple[str, Mapping[str, Any]] | None:
    """Return the file beside config.json that states a quantization, and its tree."""
    for path in BESIDE:
        found = model.document(path)
        if found is not None:
            return path, found
    return None


def is_of_mlx(layout: Layout) -> str | None:
    """Return a tensor that only MLX packs in this way: 32-bit words with scales and biases."""
    for tensors in layout.layers.values():
        for name, one in tensors.items():
            stem, _, last = name.rpartition(".")
            if last == "weight" and one.dtype == "U32" and f"{stem}.scales" in tensors:
                return one.name
    for groups in layout.experts.values():
        for name, group in groups.items():
            if name.endswith(".weight") and group.first.dtype == "U32":
                return group.first.name
    return None
