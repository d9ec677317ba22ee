"""Paths of a command that is started in another folder, as they lie to us."""

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firstmile.check.intent import Intent

if TYPE_CHECKING:
    from firstmile.check.command import Command


def placed(path: str, folder: str) -> str:
    """Return a path as it lies to us, of a command that is started in a folder."""
    return path if path.startswith("~") else posixpath.join(folder, path)


def relocated(intent: Intent, folder: str, command: "Command") -> Intent:
    """Return an intent of a command that is started in a folder, with its paths as they lie to us.

    A name such as that of the Hub is a path where the folder has files under it.
    """
    if not folder:
        return intent

    def moved(name: str | None) -> str | None:
        if name is None or name.startswith(("~", "/")):
            return name
        place = placed(name, folder)
        is_path = name.count("/") != 1 or name.startswith(".") or name.endswith(".gguf")
        files = (place, posixpath.join(place, "config.json"))
        there = is_path or any(command.read_start(each, 1) is not None for each in files)
        return place if there else name

    return with_paths(intent, moved)


def with_paths(intent: Intent, moved: Callable[[str | None], str | None]) -> Intent:
    """Return an intent with the places of what it names changed."""
    template = intent.chat_template
    is_file = template is not None and template.endswith((".jinja", ".jinja2", ".j2", ".json"))
    return replace(
        intent,
        model=moved(intent.model),
        tokenizer=moved(intent.tokenizer),
        adapter=moved(intent.adapter),
        adapters=tuple(moved(each) or each for each in intent.adapters),
        chat_template=moved(template) if is_file else template,
    )
