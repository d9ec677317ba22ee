"""The model that is meant, and an adapter's base: where they lie, and what is read of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from firstmile.check.container import on_this_machine
from firstmile.check.intent import Intent
from firstmile.errors import UserError

if TYPE_CHECKING:
    from firstmile.facts.machine import Machine
    from firstmile.facts.model_folder.folder import ModelFolder
    from firstmile.facts.model_folder.hub import Named
    from firstmile.facts.snapshot import Snapshot

Models = tuple["ModelFolder | None", "ModelFolder | None"]
_LONGEST_SHOWN: Final = 200
_OF_MODELS: Final = ("config", "params", "token", "chat_template", "Modelfile", "index")
"""Words in the names of JSON files that lie beside weights."""
_MOST_ADAPTERS: Final = 16
"""Adapters of a server that are read."""


def place_of(
    model: str | Path | None, intent: Intent, machine: "Machine", *, online: bool
) -> "Path | Named | None":
    """Return where the model lies: the one that is named to us, else that of the command.

    That is a repository of the Hub where it may be asked and nothing is here.

    Raises UserError for one that is named to us and is not there.
    """
    from firstmile.facts.model_folder.locating import find_model, is_repository

    if model is None:
        named = intent.model
        if not named or not on_this_machine(named, intent.container):
            return None
        found = find_model(named, machine, revision=intent.revision)
        return found or (_on_the_hub(named, intent.revision) if online else None)
    place = find_model(str(model), machine)
    if place is not None:
        if place.is_file() and place.suffix.lower() != ".gguf" and _is_of_a_folder(place):
            raise UserError(
                f"{str(model)[:_LONGEST_SHOWN]} is one file of a model: name the folder that it "
                "lies in."
            )
        return place
    shown = str(model)[:_LONGEST_SHOWN] or "A model without a name"
    if online and (there := _on_the_hub(str(model), intent.revision)) is not None:
        return there
    if is_repository(shown):
        raise UserError(
            f"{shown} is no folder here and not in the Hub cache: download it, name the folder "
            "that it lies in, or add --online."
        )
    raise UserError(
        f"{shown} is not there: name a model's folder or file, and put -- before the command that "
        "you are about to run."
    )


def named_instead(
    model: str | Path | None, place: "Path | Named | None", intent: Intent, machine: "Machine"
) -> str | None:
    """Return the model that the command names where another one is named to us; None else."""
    from firstmile.facts.model_folder.locating import find_model

    named = intent.model
    if model is None or named is None or str(model) in (named, intent.adapter, *intent.adapters):
        return None
    if not on_this_machine(named, intent.container):
        return None
    other = find_model(named, machine, revision=intent.revision)
    if isinstance(place, Path) and other is not None:
        here, there = place.resolve(), other.resolve()
        if here == there or here in there.parents or there in here.parents:
            return None
    return named[:_LONGEST_SHOWN]


def not_here(named: str, intent: Intent) -> str:
    """Return what is said of a model that a command names and that was not found."""
    from firstmile.facts.model_folder.locating import is_repository

    if not on_this_machine(named, intent.container):
        return "is a path in the container, and no mounted folder has it"
    if intent.engine == "ollama":
        return "is no folder or file here, and Ollama's own store is not looked into"
    if not is_repository(named):
        return "is no folder or file here"
    return "is no folder or file here, and not in the Hub cache: --online reads it on the Hub"


def _is_of_a_folder(file: Path) -> bool:
    """Say whether a file lies beside the config of a model, which is judged as a whole."""
    names = ("config.json", "adapter_config.json")
    return any((file.parent / name).is_file() for name in names)


def _on_the_hub(name: str, revision: str | None) -> "Named | None":
    from firstmile.facts.model_folder.hub import named_repository

    found = named_repository(name)
    if found is None or revision is None or "@" in name:
        return found
    return named_repository(f"{name}@{revision}")


def models_of(
    place: "Path | Named | None",
    machine: "Machine",
    fetch: "Callable[[Named], ModelFolder] | None",
) -> Models:
    """Return the model and, of an adapter, its base; `fetch` reads what is on the Hub alone."""
    from firstmile.facts.model_folder.reading import base_of, read_model, read_model_folder

    if place is None:
        return None, None
    if isinstance(place, Path):
        model, base = read_model(place, machine)
    else:
        assert fetch is not None
        model = fetch(place)
        here = base_of(None, model, machine)
        base = None if here is None else read_model_folder(here)
    if base is None and fetch is not None:
        adapter = model.document("adapter_config.json") or {}
        named, said = adapter.get("base_model_name_or_path"), adapter.get("revision")
        revision = said if isinstance(said, str) else None
        there = _on_the_hub(named, revision) if isinstance(named, str) else None
        base = None if there is None else fetch(there)
    return model, base


def with_others_named(
    snapshot: "Snapshot", place: "Path | Named | None", intent: Intent, machine: "Machine"
) -> "Snapshot":
    """Return a snapshot with the adapters and the tokenizer that a command names beside it."""
    adapters = _adapters_of(place, intent, machine)
    return replace(snapshot, adapters=adapters, tokenizer=_tokenizer_of(place, intent, machine))


def _adapters_of(
    place: "Path | Named | None", intent: Intent, machine: "Machine"
) -> "tuple[ModelFolder, ...]":
    """Return the adapters that a command puts on its model, as far as they lie on this machine.

    One that is named to us as the model is judged as that.
    """
    from firstmile.facts.model_folder.locating import find_model
    from firstmile.facts.model_folder.reading import read_model_folder

    found: dict[Path, ModelFolder] = {}
    here = place.resolve() if isinstance(place, Path) else None
    for named in dict.fromkeys(intent.adapters[:_MOST_ADAPTERS]):
        if not on_this_machine(named, intent.container):
            continue
        there = find_model(named, machine)
        if there is not None and there.resolve() not in (here, *found):
            found[there.resolve()] = read_model_folder(there)
    return tuple(found.values())


def _tokenizer_of(
    place: "Path | Named | None", intent: Intent, machine: "Machine"
) -> "ModelFolder | None":
    """Return the folder of a tokenizer that a command names beside its model, where it is here."""
    from firstmile.facts.model_folder.locating import find_model
    from firstmile.facts.model_folder.reading import read_model_folder

    named = intent.tokenizer
    if named is None or named == intent.model or not on_this_machine(named, intent.container):
        return None
    there = find_model(named, machine)
    here = place.resolve() if isinstance(place, Path) else None
    is_folder = there is not None and there.is_dir() and there.resolve() != here
    return read_model_folder(there) if is_folder and there is not None else None


def lacking(model: "ModelFolder | None") -> str | None:
    """Return what makes something that is here no model, or None where it is one."""
    if model is None or model.kind != "unknown":
        return None
    if model.why_not("files") and not model.files:
        return None
    known = [name for name in model.documents if any(word in name for word in _OF_MODELS)]
    parts = (known, model.index, model.pickles, model.tokenizer, model.templates)
    return None if any(parts) else "holds no model, neither a config nor weights"


def fetched(named: "Named") -> "ModelFolder":
    """Return a repository of the Hub, asked with the token of this machine's variables."""
    from firstmile.facts.model_folder.hub import read_repository

    return read_repository(named, token=os.environ.get("HF_TOKEN"))
