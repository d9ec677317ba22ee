"""The config that a model runs by, and its sizes: of a folder, of an adapter's base, of a GGUF."""

from collections.abc import Mapping
from typing import Any

from firstmile.check.gguf_files import leading
from firstmile.check.intent import Intent
from firstmile.check.verdicts import Verdict, not_known
from firstmile.facts.model_folder.architecture import (
    Architecture,
    architecture_of_gguf,
    read_architecture,
    text_config,
)
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot

UNKNOWN_CONFIG = "the config of the model"


def model_of(snapshot: Snapshot) -> ModelFolder | None:
    """Return the folder whose weights compute: the model's, of an adapter its base's."""
    model = snapshot.model
    if model is not None and model.kind in ("adapter", "modelfile"):
        return snapshot.base
    return model


def config_of(snapshot: Snapshot) -> Mapping[str, Any] | None:
    """Return the tree of the `config.json` that the model runs by, or None."""
    model = model_of(snapshot)
    return None if model is None else model.config


def text_of(snapshot: Snapshot) -> Mapping[str, Any] | None:
    """Return the part of the config that concerns text, or None."""
    config = config_of(snapshot)
    return None if config is None else text_config(config)


def sizes_of(snapshot: Snapshot) -> Architecture | None:
    """Return the sizes that a config or the header of a GGUF states, or None."""
    config = config_of(snapshot)
    if config is not None:
        return read_architecture(config)
    model = model_of(snapshot)
    first = None if model is None else leading(model)
    return None if first is None else architecture_of_gguf(first.metadata)


def stated_in(snapshot: Snapshot) -> str:
    """Return the file that sizes stand in."""
    model = model_of(snapshot)
    first = None if model is None or model.config is not None else leading(model)
    return "config.json" if first is None else first.path


def unknown_config() -> Verdict:
    """Say that the config is not known."""
    return not_known(UNKNOWN_CONFIG)


def generation_config_of(snapshot: Snapshot) -> Mapping[str, Any] | None:
    """Return the tree of `generation_config.json`, or None."""
    model = model_of(snapshot)
    return None if model is None else model.document("generation_config.json")


def has_template_with(snapshot: Snapshot, *marks: str) -> bool:
    """Say whether a chat template of the model holds one of these marks."""
    folders = (snapshot.model, snapshot.base)
    return any(
        mark in template.source
        for folder in folders
        if folder is not None
        for template in folder.templates
        for mark in marks
    )


def written(intent: Intent, *names: str) -> str | None:
    """Return the value of a flag by the name that its engine knows it by; "" for a switch."""
    for each in intent.arguments:
        if each.name in names:
            return each.value or ""
    return None


def denied(intent: Intent, name: str) -> bool:
    """Say whether a switch is turned off by its denial (`--no-...`) or by "false"."""
    for each in intent.arguments:
        if each.name == name:
            spelled = each.written.lstrip("-").replace("_", "-")
            return spelled.startswith("no-") or (each.value or "").lower() in ("false", "0")
    return False
