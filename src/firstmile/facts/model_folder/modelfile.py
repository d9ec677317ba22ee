"""Modelfiles of Ollama as documents: what a model is made from, its settings and its template.

The format: one instruction a line, whatever its case; a value over several lines stands between
triple quotes; `#` begins a comment. Source: the Modelfile reference in Ollama's documentation.
"""

import re
from typing import Any, Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import Document, File
from firstmile.facts.model_folder.source import Source, require_readable

LARGEST: Final = 1024 * 1024
NAME: Final = "Modelfile"
_ONCE: Final = ("TEMPLATE", "SYSTEM", "REQUIRES", "RENDERER", "PARSER", "DRAFT")
_SEVERAL: Final = ("FROM", "ADAPTER", "LICENSE", "CAPABILITY")
_QUOTES: Final = '"""'
_WORDS: Final = re.compile(r"([A-Za-z]+)[ \t]+(.*)", re.S)
_INT: Final = re.compile(r"[+-]?\d{1,18}")
_FLOAT: Final = re.compile(r"[+-]?(?:\d{1,18}\.\d{0,18}|\.\d{1,18})(?:[eE][+-]?\d{1,3})?")


def is_modelfile(path: str) -> bool:
    """Whether a file of the top level is a Modelfile by its name: `Modelfile`, `x.Modelfile`."""
    return "/" not in path and path.rpartition(".")[2].lower() == "modelfile"


def read_modelfile(source: Source, files: tuple[File, ...]) -> Document | None:
    """Return the folder's Modelfile as a document named "Modelfile"; None where there is none."""
    file = next((each for each in files if is_modelfile(each.path)), None)
    if file is None:
        return None
    try:
        require_readable(file, may_be_empty=True)
        return Document(path=NAME, value=parse_modelfile(source.text(file.path, most=LARGEST)))
    except UnreadableError as error:
        return Document(path=NAME, value=None, problem=str(error))


def parse_modelfile(text: str) -> dict[str, Any]:
    """Return the instructions by their names in capitals.

    "FROM", "ADAPTER" and "LICENSE" are lists, "PARAMETER" holds values by name (of "stop" all,
    of others the last), "MESSAGE" pairs of role and text, "UNKNOWN" the lines that are none of
    this; the others are texts. Raises UnreadableError where triple quotes do not end.
    """
    found: dict[str, Any] = {}
    for number, said in _instructions(text):
        parts = _WORDS.fullmatch(said)
        name, value = (parts[1].upper(), parts[2].strip()) if parts else ("", "")
        if name in _ONCE:
            found[name] = _unquoted(value)
        elif name in _SEVERAL:
            found.setdefault(name, []).append(_unquoted(value))
        elif name == "PARAMETER":
            _add_parameter(found.setdefault(name, {}), value)
        elif name == "MESSAGE":
            role, _, words = value.partition(" ")
            found.setdefault(name, []).append([role, _unquoted(words.strip())])
        else:
            found.setdefault("UNKNOWN", []).append(f"line {number}: {said[:200]}")
    return found


def _instructions(text: str) -> list[tuple[int, str]]:
    """Return the instructions with their line numbers; several lines in quotes are one."""
    found = []
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.count(_QUOTES) == 1:
            parts = [line]
            while at < len(lines):
                parts.append(lines[at])
                at += 1
                if _QUOTES in parts[-1]:
                    break
            else:
                raise UnreadableError(f"the triple quotes of line {number} do not end")
            line = "\n".join(parts)
        found.append((number, line.strip()))
    return found


def _add_parameter(parameters: dict[str, Any], said: str) -> None:
    name, _, value = said.partition(" ")
    value = _unquoted(value.strip())
    if name == "stop":
        parameters.setdefault(name, []).append(value)
    elif name:
        parameters[name] = _typed(value)


def _unquoted(value: str) -> str:
    if value.startswith(_QUOTES) and value.endswith(_QUOTES) and len(value) >= 6:
        return value[3:-3].removeprefix("\n")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _typed(value: str) -> str | int | float | bool:
    if _INT.fullmatch(value):
        return int(value)
    if _FLOAT.fullmatch(value):
        return float(value)
    return {"true": True, "false": False}.get(value.lower(), value)
