"""The file of settings that the words of a training name: `--config x.yaml`, `args.json`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from firstmile.check.command import Command
from firstmile.check.flag_tables.training import FLAGS
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import NamedFile
from firstmile.check.unknown_words import shown
from firstmile.check.written_files import fields_of
from firstmile.facts.machine import UnreadableError

CONFIG: Final = flags(Takes.TEXT, "--config")
"""The flag that names it."""


class SettingsFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file of settings that a command names: `--config x.yaml`, or its only word."""

    path: str | None = None
    files: tuple[NamedFile, ...] = ()
    fields: Mapping[str, Any] = msgspec.field(default_factory=dict)
    unread: tuple[str, ...] = ()


def settings_file(arguments: Command, further: Sequence[Flag]) -> SettingsFile:
    """Return the file of settings that a training's words name, with the fields that it says.

    `further` are flags that may stand among the words besides those of trainings.
    """
    said = take_apart(arguments.words, (*further, *FLAGS, *CONFIG), Grammar())
    positional = said.positional
    path = said.values.get("config")
    if path is None and len(positional) == 1 and positional[0].endswith((".json", ".yaml", ".yml")):
        path = positional[0]
    if not isinstance(path, str):
        return SettingsFile()
    files = arguments.file(path)
    try:
        fields = fields_of(path, arguments.read_text)
    except UnreadableError as error:
        return SettingsFile(path=path, files=files, unread=(shown(f"{path} ({error})"),))
    return SettingsFile(path=path, files=files, fields=fields)
