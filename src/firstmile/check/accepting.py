"""Which `firstmile.toml` counts, and what it accepts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from firstmile.check.intent import Intent
from firstmile.check.suppressions import Suppression, suppressions_of
from firstmile.errors import UserError

if TYPE_CHECKING:
    from firstmile.facts.machine import Machine
    from firstmile.facts.model_folder.folder import ModelFolder
    from firstmile.facts.model_folder.hub import Named

SETTINGS: Final = "firstmile.toml"
"""The file of the working folder that says what is accepted."""


def settings_file(
    config: str | Path | None, working_folder: str | Path | None, models: Sequence[Path]
) -> tuple[Path | None, tuple[str, ...]]:
    """Return the settings that count, and what to say of those that do not.

    A file that lies in the folder of a model may have come with the model: whoever made that
    would accept failures in the user's name.
    """
    if config is not None:
        return Path(config), ()
    if working_folder is None:
        return None, ()
    found = Path(working_folder) / SETTINGS
    if not found.is_file():
        return None, ()
    if not any(_lies_in(found, model) for model in models):
        return found, ()
    return None, (
        f"{SETTINGS} lies in the model's own folder, may have come with it, and was not followed: "
        f"--config {SETTINGS} follows it.",
    )


def folders_of_models(
    place: "Path | Named | None", model: "ModelFolder | None", intent: Intent, machine: "Machine"
) -> tuple[Path, ...]:
    """Return where models of a run lie: the one that is meant, its base, adapter and tokenizer."""
    from firstmile.facts.model_folder.reading import base_of

    here = place if isinstance(place, Path) else None
    base = base_of(here, model, machine) if model is not None else None
    beside = (intent.adapter, *intent.adapters, intent.tokenizer)
    named = [Path(each) for each in beside if each]
    return tuple(each for each in (here, base, *named) if each is not None and _is_there(each))


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except (OSError, ValueError):
        return False


def _lies_in(file: Path, model: Path) -> bool:
    try:
        folder = (model if model.is_dir() else model.parent).resolve()
        return any(each.resolve().is_relative_to(folder) for each in (file, file.parent))
    except (OSError, RuntimeError):
        return True


def suppressions(file: Path, ids: Sequence[str]) -> tuple[Suppression, ...]:
    """Return what a settings file accepts. Raises UserError for one that cannot be used."""
    from firstmile.taxonomy.toml_text import read_toml, text_of

    if not file.is_file():
        raise UserError(f"{file} is not there: name a file such as {SETTINGS}.")
    try:
        text = text_of(file, str(file))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{file} cannot be read: {reason}.") from error
    return suppressions_of(read_toml(text, str(file)), ids, name=str(file))
