"""Values of options: what users copy from elsewhere, and what they mean by it."""

import pytest

from firstmile.check.checks.option_is_given_a_value_that_it_does_not_take import judge
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.option_choices import CHOICES, MEANT
from firstmile.check.verdicts import Verdict
from firstmile.check.worlds import world
from firstmile.findings import Outcome


def _first(command: str) -> Verdict:
    intent = read_command(Command(words=tuple(words_of(command))))
    assert intent is not None
    said = judge(world(), intent)
    return said if isinstance(said, Verdict) else said[0]


@pytest.mark.parametrize(
    ("command", "outcome", "remedy"),
    [
        ("vllm serve m --dtype bfloat18", Outcome.FAIL, "--dtype bfloat16"),
        ("vllm serve m --dtype fp16", Outcome.FAIL, "--dtype float16"),
        ("sglang serve m --quantization AWQ", Outcome.FAIL, "--quantization awq"),
        ("vllm serve m --kv-cache-dtype FP8", Outcome.FAIL, "--kv-cache-dtype fp8"),
        ("vllm serve m --quantization bnb", Outcome.WARN, "--quantization bitsandbytes"),
        ("vllm serve m --load-format safetensor", Outcome.WARN, "--load-format safetensors"),
        ("sglang serve m --kv-cache-dtype fp8", Outcome.WARN, "--kv-cache-dtype fp8_e4m3"),
        ("sglang serve m --tokenizer-mode fast", Outcome.FAIL, "--tokenizer-mode auto"),
        ("llama-server -m m.gguf -ctk fp16", Outcome.WARN, "-ctk f16"),
        ("llama-server -m m.gguf -sm column", Outcome.WARN, "-sm layer, none, row, tensor"),
    ],
)
def test_a_value_that_no_release_takes_is_told_with_the_one_that_is_meant(
    command: str, outcome: Outcome, remedy: str
) -> None:
    said = _first(command)
    assert said.outcome is outcome
    assert said.remedy is not None
    assert said.remedy.endswith(f": {remedy}")


@pytest.mark.parametrize(
    "command",
    [
        "vllm serve m --dtype auto --kv-cache-dtype fp8_e5m2 -q gptq_marlin --load-format dummy",
        "vllm serve m -q AWQ --load-format GGUF --tokenizer-mode Auto",
        "vllm serve m --distributed-executor-backend my.pkg.Executor",
        "sglang serve m --dtype half --quantization w8a8_int8",
        "llama-server -m m.gguf -ctk q4_0 -ctv f16 -sm row --rope-scaling yarn",
    ],
)
def test_values_that_are_taken_pass(command: str) -> None:
    assert _first(command).outcome is Outcome.PASS


def test_every_name_from_elsewhere_means_something_somewhere() -> None:
    taken = {value for of in CHOICES.values() for one in of.values() for value in one.values}
    assert all(set(meant) & taken for meant in MEANT.values())
