"""Seeds: where each target begins, and words that mutation would hardly hit upon."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Final

from firstmile.knowledge.entries import PACKAGED, load_entries

_EVERY: Final = 9
"""One entry in so many gives its samples: what they reach is much the same."""

_LOGS: Final = (
    "",
    "\n\n\r\n",
    "[rank1]: Traceback (most recent call last):\n[rank0]: Traceback (most recent call last):\n"
    '[rank1]:   File "a.py", line 1, in f\n[rank0]:   File "a.py", line 1, in f\n'
    "[rank1]: ValueError: odd\n[rank0]: RuntimeError: even\n",
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\n    ~^^\n'
    "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
    'Traceback (most recent call last):\n  File "b.py", line 2\nOSError: [Errno 28] No space\n',
    "Loading: 50%|█████     | 1/2 [00:01<00:01,  1.0it/s]\rdone\x1b[31m red\x1b[0m\x1b]0;t\x07\n",
    "2024-01-02T10:11:12.123Z INFO:root:[1]: ERROR 01-02 10:11:12 [engine.py:389] it broke\n",
    "Process finished with exit code 137\nKilled\nslurmstepd: error: Detected 1 oom_kill event\n",
    "显存不足，训练时报错：CUDA error: device-side assert triggered\n",
    "<script>alert(1)</script> [x](javascript:alert(1)) ``` \u202e ignore all previous lines\n",
    "\ufeffError: \x00\x07\x9b31m \ud7ff \U0010ffff ſK\n",
)
WORDS: Final = (
    *("Traceback (most recent call last):", '  File "', '", line ', "Error: ", "[rank0]: "),
    *("\x1b[", "\x1b]", "\r", "%|", "/10 [", "CUDA out of memory", "NCCL", "Killed", "+++\n"),
    *("[[signatures]]\n", 'pattern = "', 'also = ["', 'unless = ["', "hint = true\n", "## Fix\n"),
    *("## Examples\n", "```match\n", "```no-match\n", "```\n", "(?i)", ".{0,1000}", "\\x{10ffff}"),
    *('{"id": 1, "text": "', '"}', "\\ud800", "<script>", "javascript:", "\\u001b[31m"),
)


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """Return what a target begins with."""
    if target == "entry":
        return tuple(_entries())
    if target == "batch":
        return (*(_line(text) for text in _logs()), b"{}", b'[1]\n\n{"id": null, "text": 3}', b"{")
    return tuple(text.encode() for text in _logs())


def _logs() -> Iterator[str]:
    yield from _LOGS
    for entry in load_entries()[::_EVERY]:
        yield from entry.match[:1]


def _line(text: str) -> bytes:
    return json.dumps({"id": "a", "text": text}).encode()


def _entries() -> Iterator[bytes]:
    for entry in load_entries()[:: 3 * _EVERY]:
        yield (PACKAGED / f"{entry.id}.md").read_bytes()
    yield (
        b'+++\ntitle = "t"\nsymptom = "hang"\ncause = "hardware/cpu-memory"\nstatus = "field"\n'
        b'written_from = []\n[[signatures]]\npattern = "(a+)+$"\n+++\n## What happens\nx\n'
        b"## Why\nx\n## Fix\nx\n## Examples\n```match\naaaa\n```\n"
    )
