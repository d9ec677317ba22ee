"""What a command names in its model's own folder, of which the list of that folder knows nothing.

A snapshot brings no other folder along: what would lie elsewhere stays not known.
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot

_TEMPLATES: Final = (".jinja", ".jinja2", ".j2")


def unlisted(snapshot: Snapshot, intent: Intent) -> tuple[str, ...]:
    """Return adapters, tokenizer and template that lie nowhere in the model's listed folder."""
    model = snapshot.model
    if model is None or intent.model is None or not model.files or model.why_not("files"):
        return ()
    return tuple(dict.fromkeys(each for each in _named(intent) if _lacks(model, each, intent)))


def _named(intent: Intent) -> Iterator[str]:
    yield from intent.adapters
    if intent.tokenizer is not None and intent.tokenizer != intent.model:
        yield intent.tokenizer
    if intent.chat_template is not None and intent.chat_template.endswith(_TEMPLATES):
        yield intent.chat_template


def _lacks(model: ModelFolder, named: str, intent: Intent) -> bool:
    """Say whether a path leads into the folder, and to nothing there."""
    roots = (posixpath.normpath(each) for each in (intent.model or "", model.path))
    path = posixpath.normpath(named)
    root = next((each for each in roots if path.startswith(f"{each}/")), None)
    if root is None:
        return False
    inside = path[len(root) + 1 :]
    if any(part.startswith(".") for part in inside.split("/")):
        return False  # hidden ones are not listed
    return not any(_are_related(one.path, inside) for one in model.files)


def _are_related(listed: str, inside: str) -> bool:
    """Say whether one is the other or lies below it; below a link to a folder nothing is listed."""
    return listed == inside or listed.startswith(f"{inside}/") or inside.startswith(f"{listed}/")
