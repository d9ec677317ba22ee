"""What checks advise is possible on the machine, and in the words of the command."""

from typing import Any

import pytest

from firstmile.check.intent import Intent
from firstmile.check.running import judge_one
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import load_check
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world


def remedy_of(name: str, intent: Intent, **there: Any) -> str:
    """Return what a check advises on a machine."""
    check = load_check(name)
    assert check is not None
    (found,) = judge_one(check, world(folder(config=LLAMA), machine(**there)), intent)
    return found.remedy or ""


@pytest.mark.parametrize(
    ("card", "capability", "said"),
    [("Tesla T4", "7.5", "--dtype float16"), ("NVIDIA A10", "8.6", "--dtype bfloat16")],
)
def test_a_type_is_named_that_the_gpu_computes_in(card: str, capability: str, said: str) -> None:
    found = remedy_of(
        "weights-are-loaded-in-float32",
        tuning(engine="trl", **adapter()),
        gpus=[gpu(card, 24, capability)],
        packages={"transformers": "4.57.1"},
    )
    assert found == f"Name the type: {said}."


@pytest.mark.parametrize(
    ("share", "said"), [(1.5, "0.9"), (90, "0.9"), (85, "0.85"), (100, "0.9"), (-1, "0.9")]
)
def test_a_share_is_taken_for_percent_where_it_can_be(share: float, said: str) -> None:
    found = remedy_of(
        "memory-share-is-not-between-zero-and-one", Intent(engine="sglang", gpu_memory_share=share)
    )
    assert found == f"Set --mem-fraction-static {said}."
