"""What a commit repaired, or a model says of errors in general, is no failure of a run."""

import pytest

from firstmile import diagnose
from firstmile.diagnose.hypotheses import NOTHING_FAILED
from firstmile.diagnose.library_words import is_library_sentence

HISTORY = """\
commit 4be1c0ffee5d9b2f6e7a8c9d0e1f2a3b4c5d6e7f (HEAD -> main)
Author: Dana Roe <dana@example.org>
Date:   Tue Nov 5 14:02:11 2024 +0100

    Fix CUDA out of memory when LoRA weights are merged

    torch.cuda.OutOfMemoryError was raised, since both copies were kept.

commit 77aa0ffee5d9b2f6e7a8c9d0e1f2a3b4c5d6e7f0
Merge: 11aa 22bb
Author: Lee Moe <lee@example.org>

    tokenizer: segmentation fault with an empty vocabulary
"""
ONE_LINE = (
    "a1b2c3d Fix garbled output with AWQ\n"
    "* 7788990 (tag: v1.2) CUDA out of memory no longer ends the server\n"
    "d4e5f6a Handle an empty response\n"
)
CHAT = """\
>>> Why do programs crash?
Programs crash for many reasons: they read memory they do not own (a segmentation fault), run out of
memory, or raise an exception that nobody catches in the end.
"""
FAILED = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB.\n"


@pytest.mark.parametrize("text", [HISTORY, ONE_LINE, CHAT], ids=["history", "one line", "chat"])
def test_others_words_are_no_failure_and_hide_none(text: str) -> None:
    assert diagnose(text).abstained == NOTHING_FAILED
    failing = diagnose(f"{text}\n$ python train.py\n{FAILED}")
    assert failing.abstained is None
    assert [each.text for each in failing.evidence] == [FAILED.strip()]
    assert diagnose(f"{text}{FAILED}").abstained is None


def test_a_list_of_containers_is_no_history() -> None:
    row = '9f1c2d3a4b5c   vllm:latest   "python3 -m v…"   5 minutes ago   Exited (137) now   a\n'
    assert diagnose(row * 3).abstained is None


def test_an_error_at_a_prompt_of_python_is_one() -> None:
    shown = (
        ">>> import torch\n>>> torch.zeros(1).cuda()\nTraceback (most recent call last):\n"
        '  File "<stdin>", line 1, in <module>\nRuntimeError: No CUDA GPUs are available\n'
    )
    assert diagnose(shown).abstained is None


@pytest.mark.parametrize(
    "text",
    [
        "-- Could NOT find OpenSSL, try to set the path to the OpenSSL root folder",
        "-- The CUDA compiler identification is NVIDIA 12.4.131",
        "/src/ggml-cuda/fattn.cu(112): warning #177-D: variable was declared but never referenced",
        "src/llama.cpp:41:9: note: in expansion of macro that nobody should use again",
        "slurmstepd: info: Setting in Slurm job env CUDA_VISIBLE_DEVICES=0,1,2,3",
        "Please check your internet connection. This can happen if a scanner blocks the download.",
        "[ 12%] Building CUDA object that is slow to compile and only needed once",
    ],
)
def test_what_builds_schedulers_and_servers_say_is_no_persons(text: str) -> None:
    assert is_library_sentence(text)
    assert not is_library_sentence("-- Configuring incomplete, errors occurred!")
