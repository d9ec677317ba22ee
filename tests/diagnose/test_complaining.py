"""A short remark of a person is told from what a program writes, in English and in Chinese."""

import pytest

from firstmile import diagnose
from firstmile.diagnose.complaining import speak_of_failure
from firstmile.diagnose.hypotheses import NOTHING_FAILED, SEVERAL_CAUSES
from firstmile.diagnose.reading import read_lines


def complains(text: str) -> bool:
    return speak_of_failure(tuple(read_lines(text)), known=False)


@pytest.mark.parametrize(
    "text",
    [
        'I get 0.8 tok/s with Qwen2.5-32B on an RTX 3060 by device_map="auto". Why so slow?',
        "Qwen2.5-7B, loss=0.0 after 10 steps, lr=2e-5, bs=4. What am I doing wrong?",
        "why is my model slow?",
        "loss 一直为0",
        "模型加载慢",
        "输出乱码",
    ],
)
def test_a_short_remark_is_a_complaint(text: str) -> None:
    assert complains(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Do you want to continue? [Y/n]",
        "Loading checkpoint shards: 100%. 4/4 [00:05<00:00,  1.30s/it]",
        "模型加载完成",
        "INFO 11-28 10:11:20 [api_server.py:1896] vLLM is up. Nothing failed so far.",
        "[10:11:12] Server has started. It is not in debug mode.",
    ],
)
def test_what_a_program_writes_is_none(text: str) -> None:
    assert not complains(text)


def test_where_something_known_is_hinted_at_no_word_of_complaint_is_needed() -> None:
    lines = tuple(
        read_lines('AWQ of 8B on vLLM 0.6 gives "!!!!" each time. The same prompt works in bf16.')
    )
    assert speak_of_failure(lines, known=True)
    assert not speak_of_failure(lines, known=False)


@pytest.mark.parametrize(
    "text",
    [
        "ERROR: No matching distribution found for vllm",
        "error: externally-managed-environment",
        "bash: nvidia-smi: command not found",
        "main: error: unable to load model",
        "llama_model_load: error loading model\nfailed to load model from ./qwen.gguf",
        'Traceback (most recent call last):\n  File "run.py", line 3, in <module>',
    ],
)
def test_an_error_that_nothing_raises_is_one(text: str) -> None:
    assert complains(text)


@pytest.mark.parametrize(
    "text", ["The weather is nice today and I had lunch.", "hello, my dog is sick"]
)
def test_who_speaks_of_himself_complains_only_where_machines_or_models_are_met(text: str) -> None:
    lines = tuple(read_lines(text))
    assert not speak_of_failure(lines, known=False, has_clues=False)
    assert diagnose(text).abstained == NOTHING_FAILED
    about = tuple(
        read_lines("I get answers in Chinese from Qwen2.5-7B with vLLM on two cards here.")
    )
    assert speak_of_failure(about, known=False, has_clues=True)


def test_an_error_of_which_nothing_else_is_known_is_not_answered() -> None:
    assert diagnose("Error: something broke").abstained == SEVERAL_CAUSES
