"""Number types by one name, the oldest GPU of several, and where a model computes."""

import pytest

from firstmile.check.intent import Intent
from firstmile.check.precision import number_type, nvidia_gpus, on_processor, weakest
from firstmile.check.worlds import gpu, machine, world


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("half", "float16"),
        ("torch.bfloat16", "bfloat16"),
        ("BF16", "bfloat16"),
        ("float", "float32"),
        ("auto", None),
        (None, None),
        ("float8_e4m3fn", "float8_e4m3fn"),
    ],
)
def test_a_type_has_one_name(said: str | None, meant: str | None) -> None:
    assert number_type(said) == meant


def test_the_oldest_gpu_sets_what_is_possible() -> None:
    cards = [gpu(), gpu("Tesla T4", 16, "7.5", index=1), gpu(capability="10.0", index=2)]
    found = weakest(nvidia_gpus(world(None, machine(gpus=cards)), Intent()))
    assert found is not None
    assert found[0].name == "Tesla T4"


def test_gpus_without_a_known_capability_do_not_count() -> None:
    amd = gpu("AMD Instinct MI300X", 192, "gfx942", vendor="AMD")
    assert weakest(nvidia_gpus(world(None, machine(gpus=[amd])), Intent())) is None
    assert weakest(()) is None


def test_where_a_model_computes() -> None:
    with_gpu = world(None, machine(gpus=[gpu()]))
    assert not on_processor(with_gpu, Intent())
    assert on_processor(with_gpu, Intent(device_map="cpu"))
    assert on_processor(with_gpu, Intent(devices=()))
    assert on_processor(world(None, machine()), Intent())
    unknown = world(None, machine(not_known={"gpus": "nvidia-smi failed"}))
    assert not on_processor(unknown, Intent())
