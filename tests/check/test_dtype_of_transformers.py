"""Remedies on the number type name the option of transformers' program, where that is started."""

import pytest

from firstmile.check.checks import bfloat16_is_asked_of_a_gpu_without_it
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.verdicts import Verdict
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("transformers serve ./m", "Set --dtype float16."),
        ("transformers serve ./m --torch-dtype bfloat16", "Set --torch-dtype float16."),
        ("transformers chat ./m --dtype=bfloat16", "Set --dtype float16."),
    ],
)
def test_it_is_told_as_it_is_typed(typed: str, remedy: str) -> None:
    intent = read_command(Command(words=tuple(words_of(typed))))
    assert intent is not None
    there = world(folder(config=LLAMA), machine(gpus=[gpu("Tesla T4", 16, "7.5")]))
    said = bfloat16_is_asked_of_a_gpu_without_it.judge(there, intent)
    assert isinstance(said, Verdict)
    assert said.remedy == remedy
