"""Numbers that no program takes are told of, and nothing is worked out from them."""

import shlex

import pytest

from firstmile.check.command import Command, read_command
from firstmile.check.intent import Intent
from firstmile.check.limits import sizable


def read(words: str) -> Intent:
    intent = read_command(Command(words=tuple(shlex.split(words))))
    assert intent is not None
    return intent


@pytest.mark.parametrize(
    ("command", "written", "least"),
    [
        ("vllm serve m -tp 0", "-tp 0", 1),
        ("vllm serve m --pipeline-parallel-size=-1", "--pipeline-parallel-size -1", 1),
        ("vllm serve m --max-model-len 0", "--max-model-len 0", 1),
        ("vllm serve m --max-num-seqs 0 --seed 0", "--max-num-seqs 0", 1),
        ("vllm serve m --cpu-offload-gb -10", "--cpu-offload-gb -10", 0),
        ("vllm serve m --port 99999", "--port 99999", 0),
        ("python -m sglang.launch_server --model-path m --tp 0", "--tp 0", 1),
        ("docker run vllm/vllm-openai --model m -tp 0", "-tp 0", 1),
        ("CUDA_VISIBLE_DEVICES=0 llama-server -m m.gguf -c -5", "-c -5", 1),
        ("trl sft --model_name_or_path m --max_length -1", "--max_length -1", 1),
    ],
)
def test_impossible_number_is_told_of_as_it_was_written(
    command: str, written: str, least: int
) -> None:
    assert [(one.written, one.least) for one in read(command).impossible] == [(written, least)]


@pytest.mark.parametrize(
    "command",
    [
        "vllm serve m --max-model-len -1 --port 0",
        "vllm serve m --max-model-len auto --swap-space 0",
        "llama-server -m m.gguf -c 0 -np -1 -ngl -1",
        "python -m sglang.launch_server --model-path m --chunked-prefill-size -1",
        "python -m sglang.launch_server --model-path m --port 65535 --tp 1",
        "trl sft --model_name_or_path m --max_steps -1 --warmup_steps 0",
    ],
)
def test_number_with_a_meaning_of_its_own_stays(command: str) -> None:
    assert read(command).impossible == ()


def test_no_setting_holds_an_impossible_number() -> None:
    intent = read("vllm serve m -tp 0 --max-num-seqs -3 --swap-space -4 --port 70000")
    assert (intent.parallel.tensor, intent.sequences) == (None, None)
    assert (intent.swap_bytes, intent.port) == (None, None)


def test_memory_is_not_worked_out_from_what_another_check_tells_of() -> None:
    intent = read("trl sft --model_name_or_path m --per_device_train_batch_size -2")
    assert intent.training is not None
    assert intent.training.per_device_batch_size == -2
    training = sizable(intent).training
    assert training is not None
    assert training.per_device_batch_size is None
    assert sizable(Intent(gpu_memory_share=-0.5)).gpu_memory_share is None
