"""Python files of a model folder, parsed and never run: what they import, which classes they have.

transformers runs them where `trust_remote_code` is set, and asks before whether all that they
import is installed; what stands inside `try` is not asked for.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.child import MIB, Child, Limits
from firstmile.facts.model_folder.folder import Code, File
from firstmile.facts.model_folder.source import Source, require_readable

LARGEST: Final = 512 * 1024
MOST_BYTES: Final = 2 * 1024 * 1024
MOST_FILES: Final = 64
MOST_TRIES: Final = 3
"""Processes for one folder: a file that ends one is left out, and the rest asked anew."""
LIMITS: Final = Limits(wall_seconds=6, cpu_seconds=4, memory_bytes=1024 * MIB, answer_bytes=8 * MIB)


def read_code(source: Source, files: tuple[File, ...]) -> tuple[Code, ...]:
    """Return imports and classes of the Python files of the top level and one below it."""
    named = [file for file in files if file.path.endswith(".py") and file.path.count("/") <= 1]
    texts: dict[str, str] = {}
    problems: dict[str, str] = {}
    left = MOST_BYTES
    for file in named[:MOST_FILES]:
        try:
            require_readable(file, may_be_empty=True)
            texts[file.path] = source.text(file.path, most=min(LARGEST, left))
            left -= len(texts[file.path])
        except UnreadableError as error:
            problems[file.path] = str(error)
    found = parse_code(texts)
    return tuple(
        found[path] if path in found else _unread(path, problems[path])
        for path in (file.path for file in named[:MOST_FILES])
    )


def parse_code(texts: Mapping[str, str], *, limits: Limits = LIMITS) -> dict[str, Code]:
    """Return what Python texts import and define, by their paths; a child of ours parses them."""
    found: dict[str, Code] = {}
    waiting = list(texts)
    for _ in range(MOST_TRIES):
        if not waiting:
            break
        answers, ended = _asked([texts[path] for path in waiting], limits)
        done = waiting[: len(answers)]
        found |= {path: _code(path, each) for path, each in zip(done, answers, strict=True)}
        waiting = waiting[len(answers) :]
        if waiting:
            path = waiting.pop(0)
            found[path] = _unread(path, f"parsing it was ended: {ended}")
    return found | {
        path: _unread(path, "it was not parsed: others took too much") for path in waiting
    }


def _asked(texts: Sequence[str], limits: Limits) -> tuple[list[dict[str, Any]], str]:
    question = json.dumps(texts).encode()
    reply = Child("firstmile.facts.model_folder.code_parsing", question, limits).reply()
    answers = []
    for line in reply.said.splitlines()[: len(texts)]:
        try:
            answers.append(json.loads(line))
        except ValueError:
            break
    return answers, reply.ended or "it gave no answer"


def _code(path: str, answer: Mapping[str, Any]) -> Code:
    if "problem" in answer:
        return _unread(path, answer["problem"])
    return Code(
        path=path,
        imports=tuple(answer["imports"]),
        guarded=tuple(answer["guarded"]),
        classes=tuple(answer["classes"]),
    )


def _unread(path: str, problem: str) -> Code:
    return Code(path=path, imports=(), guarded=(), classes=(), problem=problem)
