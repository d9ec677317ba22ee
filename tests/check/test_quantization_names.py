"""A slip in the name of a quantization method is told from a method that is new."""

import pytest

from firstmile.check.quantization_names import slip_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gtpq", "gptq"),
        ("bitsandbyte", "bitsandbytes"),
        ("compresed-tensors", "compressed-tensors"),
    ],
)
def test_a_slip_is_told(written: str, meant: str) -> None:
    assert slip_of(written) == meant


@pytest.mark.parametrize(
    "name",
    [
        "gptq",
        "AWQ",
        "compressed_tensors",
        "fp4",
        "nvfp8",
        "mxfp6",
        "exl4",
        "newquant",
        "",
        "q" * 99,
    ],
)
def test_a_known_name_and_a_new_one_are_no_slips(name: str) -> None:
    assert slip_of(name) is None
