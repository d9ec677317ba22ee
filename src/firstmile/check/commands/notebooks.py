"""`jupyter nbconvert --execute x.ipynb`, `jupyter execute`, `papermill`: the code of a notebook.

Cells of code are read as one script, in their order. Lines that begin with % or ! are left out, and
so are cells of another language (%%bash).
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, read_started
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent
from firstmile.check.unknown_words import shown
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.documents import json_of

_PROGRAMS: Final = ("jupyter", "jupyter-nbconvert", "jupyter-execute", "papermill", "jupyter-run")
_RESULTS: Final = ("--output", "--output-dir")
"""Flags before the name of a result."""
_RUNS: Final = ("nbconvert", "execute", "run")
_ENDING: Final = ".ipynb"
_MOST_CELLS: Final = 5_000
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a notebook that is read."""
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(Takes.TEXT, "--to --output --output-dir --kernel|-k --cwd --timeout --kernel_name"),
    *flags(Takes.SWITCH, "--execute --inplace --allow-errors --stdout --stdin --no-input"),
    *flags(Takes.SWITCH, "--log-output --progress-bar --debug --clear-output"),
)
"""Of `jupyter nbconvert`, `jupyter execute` and papermill; none changes what is computed."""


def reads(command: Command) -> bool:
    """Tell programs that run notebooks, where they are given one."""
    program = command.program if command.module is None else command.module
    return program in _PROGRAMS and _notebook(command) is not None


def _notebook(command: Command) -> str | None:
    """Return the notebook that is run: the first, but for what names a result.

    papermill reads "-" from its standard input; what stands behind that is its result.
    """
    before = ""
    for word in command.arguments.words:
        if word == "-" or (word.endswith(_ENDING) and before not in _RESULTS):
            return word
        before = word
    return None


def read(command: Command) -> Intent:
    """Read the notebook's code as that of a script of the same name."""
    path = _notebook(command) or ""
    words = command.arguments.words
    program = command.program if command.module is None else command.module
    if program == "jupyter" and (not words or words[0] not in _RUNS):
        return Intent(unread=(shown(f"jupyter {words[0] if words else ''} (it is not read)"),))
    if program == "jupyter" and words[0] == "nbconvert" and "--execute" not in words:
        return Intent(unread=(shown(f"{path} (it is converted, and not run)"),))
    if path == "-":
        return Intent(unread=(f"{program} - (what comes by standard input is not read)",))
    try:
        code = _code(json_of(_text(command, path)))
    except UnreadableError as error:
        return Intent(files=command.file(path), unread=(shown(f"{path} ({error})"),))
    script = f"{path.removesuffix(_ENDING)}.py"

    def read_text(wanted: str) -> str | None:
        return code if wanted == script else command.read_text(wanted)

    started = replace(command.starting(("python", script)), read_text=read_text)
    found = read_started(started)
    unread = (*take_apart(words, FLAGS, Grammar()).unread, *found.unread)
    return replace(found, files=command.file(path), unread=unread)


def _text(command: Command, path: str) -> str:
    """Return a notebook's text: pictures among its outputs make it larger than other files."""
    text = command.read_text(path)
    if text is not None:
        return text
    data = command.read_start(path, LARGEST + 1)
    if data is None:
        raise UnreadableError("it cannot be read")
    if len(data) > LARGEST:
        raise UnreadableError(
            f"it is larger than {LARGEST // 2**20} MiB and was not read: jupyter nbconvert "
            "--clear-output makes it small"
        )
    return data.decode("utf-8", "replace")


def _code(tree: Any) -> str:
    cells = tree.get("cells") if isinstance(tree, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError("it is no notebook: it has no cells")
    parts = []
    for cell in cells[:_MOST_CELLS]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source]
        text = "".join(line for line in lines if isinstance(line, str))
        if not text.lstrip().startswith("%%"):
            parts.append("\n".join(map(_plain, text.splitlines())))
    return "\n".join(parts) + "\n"


def _plain(line: str) -> str:
    """Return a line of Python; one of the notebook's own does nothing."""
    bare = line.lstrip()
    return f"{line[: len(line) - len(bare)]}pass" if bare.startswith(("%", "!", "?")) else line


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    cells = [
        {"cell_type": "markdown", "source": ["LLM('other')"]},
        {"cell_type": "code", "source": ["!pip install vllm\n", "from vllm import LLM"]},
        {"cell_type": "code", "source": "%%bash\nls"},
        {
            "cell_type": "code",
            "source": "llm = LLM('./m', tensor_parallel_size=2)\nllm.generate(x)",
        },
    ]
    notebook = json.dumps({"cells": cells, "nbformat": 4})
    yield Reading(
        command="jupyter nbconvert --to notebook --execute demo.ipynb",
        files={"demo.ipynb": notebook},
        expects={
            "action": Action.GENERATE,
            "engine": "vllm",
            "model": "./m",
            "parallel.tensor": 2,
            "unread": (),
        },
    )
    yield Reading(
        command="papermill demo.ipynb out.ipynb",
        files={"demo.ipynb": notebook},
        expects={"engine": "vllm", "model": "./m"},
    )
    yield Reading(
        command="jupyter execute broken.ipynb",
        files={"broken.ipynb": "[1"},
        expects={"engine": None, "model": None},
    )
