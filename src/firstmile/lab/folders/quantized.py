"""Folders as quantization tools write them: configs of theirs, and packed tensors of the shapes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from firstmile.lab.folders.editing import edited, tensors

GROUP: Final = 32
_LINEAR: Final = (*("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),)


def _each_matrix(folder: Path, turn: Callable[[str, Any], dict[str, Any]]) -> None:
    """Replace each matrix of the layers by what `turn` makes of its name and values."""
    with tensors(folder) as held:
        for name in list(held):
            if name.removesuffix(".weight").rpartition(".")[2] in _LINEAR:
                held.update(turn(name.removesuffix(".weight"), held.pop(name)))


def to_gptq(folder: Path) -> None:
    """Pack 8 numbers of 4 bits along the inputs into an int32, as GPTQ's tools do."""
    from firstmile.lab.libraries import torch

    def turn(name: str, weight: Any) -> dict[str, Any]:
        out, width = weight.shape
        groups = width // GROUP
        return {
            f"{name}.qweight": _integers(width // 8, out),
            f"{name}.qzeros": torch.full((groups, out // 8), 0x77777777, dtype=torch.int32),
            f"{name}.scales": torch.full((groups, out), 0.01, dtype=torch.float16),
            f"{name}.g_idx": torch.arange(width, dtype=torch.int32) // GROUP,
        }

    _each_matrix(folder, turn)
    with edited(folder / "config.json") as config:
        config["torch_dtype"] = "float16"
        config["quantization_config"] = {
            "bits": 4,
            "group_size": GROUP,
            "desc_act": False,
            "sym": True,
            "lm_head": False,
            "quant_method": "gptq",
            "checkpoint_format": "gptq",
        }
    _to_float16(folder)


def to_awq(folder: Path) -> None:
    """Pack 8 numbers of 4 bits along the outputs into an int32, as AWQ's tools do."""
    from firstmile.lab.libraries import torch

    def turn(name: str, weight: Any) -> dict[str, Any]:
        out, width = weight.shape
        groups = width // GROUP
        return {
            f"{name}.qweight": _integers(width, out // 8),
            f"{name}.qzeros": _integers(groups, out // 8),
            f"{name}.scales": torch.full((groups, out), 0.01, dtype=torch.float16),
        }

    _each_matrix(folder, turn)
    with edited(folder / "config.json") as config:
        config["torch_dtype"] = "float16"
        config["quantization_config"] = {
            "bits": 4,
            "group_size": GROUP,
            "modules_to_not_convert": None,
            "quant_method": "awq",
            "version": "gemm",
            "zero_point": True,
        }
    _to_float16(folder)


def to_compressed_fp8(folder: Path) -> None:
    """Store matrices in 8-bit floats with a scale a row, as llm-compressor does."""
    from firstmile.lab.libraries import torch

    def turn(name: str, weight: Any) -> dict[str, Any]:
        scale = weight.float().abs().amax(dim=1, keepdim=True) / 448
        return {
            f"{name}.weight": (weight.float() / scale).to(torch.float8_e4m3fn),
            f"{name}.weight_scale": scale.to(torch.bfloat16),
        }

    _each_matrix(folder, turn)
    floats = {"num_bits": 8, "type": "float", "symmetric": True}
    with edited(folder / "config.json") as config:
        config["quantization_config"] = {
            "quant_method": "compressed-tensors",
            "format": "float-quantized",
            "quantization_status": "compressed",
            "ignore": ["lm_head"],
            "config_groups": {
                "group_0": {
                    "targets": ["Linear"],
                    "weights": {**floats, "strategy": "channel", "dynamic": False},
                    "input_activations": {**floats, "strategy": "token", "dynamic": True},
                }
            },
        }


def to_block_fp8(folder: Path) -> None:
    """Store matrices in 8-bit floats with a scale a block of 128 by 128, as DeepSeek does."""
    from firstmile.lab.libraries import torch

    def turn(name: str, weight: Any) -> dict[str, Any]:
        out, width = weight.shape
        scale = weight.float().abs().max() / 448
        blocks = (-(-out // 128), -(-width // 128))
        return {
            f"{name}.weight": (weight.float() / scale).to(torch.float8_e4m3fn),
            f"{name}.weight_scale_inv": torch.full(blocks, float(scale)),
        }

    _each_matrix(folder, turn)
    with edited(folder / "config.json") as config:
        config["quantization_config"] = {
            "quant_method": "fp8",
            "activation_scheme": "dynamic",
            "fmt": "e4m3",
            "weight_block_size": [128, 128],
        }


def to_mxfp4(folder: Path) -> None:
    """Pack the experts of gpt-oss into blocks of 32 numbers of 4 bits with a scale each."""
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        for name in list(held):
            if name.endswith((".gate_up_proj", ".down_proj")):
                experts, width, out = held.pop(name).shape
                blocks = torch.randint(0, 256, (experts, out, width // 32, 16))
                scales = torch.full((experts, out, width // 32), 120)
                held[f"{name}_blocks"] = blocks.to(torch.uint8)
                held[f"{name}_scales"] = scales.to(torch.uint8)
    with edited(folder / "config.json") as config:
        config["quantization_config"] = {
            "quant_method": "mxfp4",
            "modules_to_not_convert": [
                "model.layers.*.self_attn",
                "model.layers.*.mlp.router",
                "model.embed_tokens",
                "lm_head",
            ],
        }


def _integers(*shape: int) -> Any:
    from firstmile.lab.libraries import torch

    return torch.randint(-(2**31), 2**31 - 1, shape, dtype=torch.int64).to(torch.int32)


def _to_float16(folder: Path) -> None:
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        for name, value in held.items():
            if value.dtype == torch.bfloat16:
                held[name] = value.to(torch.float16)
