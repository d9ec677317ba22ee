"""A quantization is read in one place, and odd numbers in it size nothing."""

from typing import Any

import pytest

from firstmile.check.intent import Action, Intent
from firstmile.check.memory import Sizing, estimate
from firstmile.check.memory.quantization import scheme_of_config
from firstmile.check.quantization_back_ends import method_of
from firstmile.check.quantized_files import quantized_files, stated_quantization
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world

GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128}
ODD: tuple[Any, ...] = (float("inf"), float("-inf"), float("nan"), 10**39, -1, 0, True, "4", [4])


@pytest.mark.parametrize(
    "config",
    [
        {"quantization_config": GPTQ},
        {"quantization_config": None, "compression_config": GPTQ},
        {"text_config": {"a": 1, "b": 2, "quantization_config": GPTQ}},
    ],
)
def test_wherever_it_stands_all_readers_find_it(config: dict[str, Any]) -> None:
    model = folder(config={**LLAMA, **config})
    assert stated_quantization(model.config) == GPTQ
    assert method_of(model, Intent()) == "gptq"
    files, scheme = quantized_files(model.config), scheme_of_config(model.config or {})
    assert files is not None
    assert (files.method, files.bits, files.group) == ("gptq", 4, 128)
    assert scheme is not None
    assert scheme.name == "GPTQ of 4 bits"


@pytest.mark.parametrize("stated", [None, {}, [], "gptq"])
def test_what_states_nothing_is_none(stated: Any) -> None:
    assert stated_quantization({"quantization_config": stated}) is None
    assert stated_quantization(None) is None


@pytest.mark.parametrize(
    ("stated", "method"),
    [
        ({"load_in_4bit": True}, "bitsandbytes"),
        ({"quant_method": "bitsandbytes_4bit"}, "bitsandbytes"),
        ({"quant_method": "Compressed_Tensors"}, "compressed-tensors"),
        ({"bits": 4}, None),
    ],
)
def test_methods_have_one_name(stated: dict[str, Any], method: str | None) -> None:
    assert method_of(folder(config={"quantization_config": stated}), Intent()) == method


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("key", ["bits", "group_size", "weight_block_size"])
@pytest.mark.parametrize("method", ["gptq", "fp8", "trellis9", "compressed-tensors"])
def test_odd_numbers_leave_memory_finite(method: str, key: str, odd: Any) -> None:
    value = [odd, odd] if key == "weight_block_size" else odd
    weights = {"weights": {"num_bits": odd, "group_size": odd}}
    stated = {"quant_method": method, "bits": 4, "config_groups": {"a": weights}, key: value}
    model = folder(config={**LLAMA, "quantization_config": stated})
    there = world(model, machine(gpus=[gpu("card", 24, "8.9")]))
    found = estimate(there, Intent(action=Action.SERVE, engine="vllm"))
    assert isinstance(found, Sizing)
    for place in found.places:
        assert 0 <= round(place.needed.low) <= round(place.needed.high) < 10**13
