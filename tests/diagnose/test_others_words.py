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
CHANGE = """\
diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -40,3 +40,4 @@ def main():
     try:
-        raise
+    except torch.cuda.OutOfMemoryError:
+        raise SystemExit("RuntimeError: CUDA out of memory")
     trainer.train()
"""
GRAPH = (
    "* 3f2a1bc (HEAD -> main) Fix OOM in eval\n*   9ab8c7d Merge branch 'a'\n|\\  \n"
    "| * 77aa0e1 Fix segmentation fault in loader\n|/  \n* c0ffee1 Fix garbled output\n"
)
BLAME = "3f2a1bcd (Ann 2026-11-27 10:11:12 +0100 41)     # CUDA out of memory is caught\n"
SHORT_LOG = "Ann (2):\n      Fix out of memory in evaluation\n      Repair garbled output of AWQ\n"
NEWS = (
    "# Changelog\n\n- Fix a crash (`KeyError: 'rope_type'`) with old configs.\n"
    "- [Bugfix] Repair garbled output of AWQ\n- Handle CUDA out of memory in long prompts.\n"
)
CARD = (
    "# A model\n\nWith `transformers<4.37.0`, you will encounter the following error:\n\n"
    "```\nKeyError: 'qwen2'\n```\n"
)
CODE_IN_CHAT = """\
>>> My program says "CUDA out of memory" (in a loop). What can I do?
There are several ways to get around this message, all of which cost some time:

```python
except torch.cuda.OutOfMemoryError:
    torch.cuda.empty_cache()
```

>>> 什么是段错误？
段错误（Segmentation fault）是指程序访问了不属于它的内存，可能是空指针。
"""
FAILED = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB.\n"


OTHERS = {
    "history": HISTORY,
    "one line": ONE_LINE,
    "chat": CHAT,
    "change": CHANGE,
    "graph": GRAPH,
    "blame": BLAME,
    "short log": SHORT_LOG,
    "news": NEWS,
    "items alone": NEWS.partition("\n\n")[2],
    "card": CARD,
    "code in a chat": CODE_IN_CHAT,
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS.keys())
def test_others_words_are_no_failure_and_hide_none(text: str) -> None:
    assert diagnose(text).abstained == NOTHING_FAILED
    failing = diagnose(f"{text}\n$ python train.py\n{FAILED}")
    assert failing.abstained is None
    assert [each.text for each in failing.evidence] == [FAILED.strip()]
    assert diagnose(f"{text}{FAILED}").abstained is None


def test_what_a_person_adds_to_an_answer_or_an_answer_that_is_spoiled_counts() -> None:
    answer = ">>> 你好，你是谁？\n我是一个语言模型，可以回答您的各种问题。\n"
    assert diagnose(answer).abstained == NOTHING_FAILED
    assert diagnose(f"{answer}\n我的 7B 模型回答全是乱码\n").abstained is None
    assert diagnose(">>> Explain TCP.\n" + "It is a protocol. " * 9).abstained is None
    assert diagnose(">>> 你好吗\n错误：CUDA out of memory\n").abstained is None


def test_an_error_that_a_person_foretells_for_what_he_has_is_one() -> None:
    said = "Run the script and you will see the following error:\n\n```\nKeyError: 'qwen2'\n```\n"
    assert diagnose(said).abstained is None


def test_a_list_of_containers_is_no_history() -> None:
    row = '9f1c2d3a4b5c   vllm:latest   "python3 -m v…"   5 minutes ago   Exited (137) now   a\n'
    assert diagnose(row * 3).abstained is None


@pytest.mark.parametrize(
    "text",
    [
        f"Errors (1):\n      {FAILED}",
        f"Worker 3 (1):\n      {FAILED}",
        "Worker 3 (7):\n      It stopped.\n      CUDA out of memory\n",
        f"commit 4f2a9c1\n\n    {FAILED}",
        f"- Fix attempt: removed flash-attn, still {FAILED}- Added swap, the same error: {FAILED}",
        f"* Updated to 0.6: {FAILED}* Removed --enforce-eager: {FAILED}",
        f"a1b2c3d4e5f6 one starts\nb1b2c3d4e5f6 two {FAILED}c1b2c3d4e5f6 one starts\n",
        f"With vLLM <0.5 you will get the error:\n{FAILED}\nI have 0.6 and I still get it.\n",
    ],
)
def test_what_looks_like_others_words_and_is_ones_own_counts(text: str) -> None:
    assert diagnose(text).abstained is None


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
