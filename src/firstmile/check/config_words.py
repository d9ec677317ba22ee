"""The words that a server's `--config` file stands for: those of the command line go over them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from firstmile.check.command import Command
from firstmile.check.intent import Intent, NamedFile
from firstmile.check.unknown_words import shown
from firstmile.check.written_files import fields_of
from firstmile.facts.machine import UnreadableError


def with_config(command: Command, words: list[str]) -> tuple[list[str], Intent]:
    """Return the words with those of the `--config` file before them, and an intent.

    That holds nothing but the file, and what of it is unread.
    """
    place = next((at for at, word in enumerate(words) if word.split("=")[0] == "--config"), None)
    if place is None:
        return words, Intent()
    path = words[place].partition("=")[2]
    taken = 1
    if not path and place + 1 < len(words):
        path = words[place + 1]
        taken = 2
    left = words[:place] + words[place + taken :]
    files = command.file(path)
    try:
        fields = fields_of(path, command.read_text, yaml=True)
    except UnreadableError as error:
        unread = (shown(f"--config {path} ({error})"),)
        return left, Intent(files=files, unread=unread)
    return [*_words_of(fields), *left], Intent(files=files)


def template_file(command: Command, template: str | None) -> tuple[NamedFile, ...]:
    """Return the file of a chat template, where a command names one by its ending."""
    is_file = template is not None and template.endswith((".jinja", ".jinja2", ".j2"))
    return command.file(template) if template is not None and is_file else ()


def _words_of(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if isinstance(value, bool):
            yield f"--{name}" if value else f"--no-{name}"
        elif isinstance(value, list):
            if value:
                yield f"--{name}"
                yield from (str(one) for one in value)
        elif isinstance(value, dict):
            yield f"--{name}={json.dumps(value, default=str)}"
        elif value is not None:
            yield f"--{name}={value}"
