"""A snapshot and an intent in, the memory of the run out."""

from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.gguf_files import meant
from firstmile.check.intent import Intent
from firstmile.check.limits import sizable
from firstmile.check.memory import fine_tuning, inference
from firstmile.check.memory.blueprint import Blueprint, draw
from firstmile.check.memory.llama_cpp_cache import layers_that_run
from firstmile.check.memory.quantization import Scheme, scheme_of
from firstmile.check.memory.settings import FILLING, loaded_bytes
from firstmile.check.memory.sizing import Sizing
from firstmile.check.memory.subject import Subject
from firstmile.check.memory.weights import (
    Weights,
    drawn,
    read_from_gguf,
    read_from_headers,
    stated_in_all,
    whole_shards,
)
from firstmile.check.model_sizes import model_of
from firstmile.check.remembering import remembered
from firstmile.check.training_sizes import trains_unread
from firstmile.facts.environment import Environment
from firstmile.facts.model_folder.architecture import (
    Architecture,
    architecture_of_gguf,
    read_architecture,
    text_config,
)
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot

_FILL_WHAT_IS_LEFT: Final = ("lmdeploy", "tensorrt-llm")
"""Engines that cut the context, or the answers at once, to what the weights leave."""


@remembered
def estimate(snapshot: Snapshot, intent: Intent) -> Sizing | str:
    """Return the memory of a run, or what is missing to know it (it completes "not known: ")."""
    model = model_of(snapshot)
    if model is None:
        return "the model's folder"
    if is_missing(intent):
        return "nothing runs, since the script is not there"
    if trains_unread(intent):
        return "what the script trains, of which not all that decides is a literal"
    if intent.engine in FILLING and not model.ggufs and (model.shards or _pickles(model)):
        return f"{intent.engine} reads GGUF files, and there is none"
    found = describe(model, sizable(intent), snapshot.environment)
    return found if isinstance(found, str) else size_of(found, intent, snapshot.environment)


def is_missing(intent: Intent) -> bool:
    """Say whether the script that is to be run was looked for and is not there."""
    return any(not one.is_there and one.path == intent.script for one in intent.files)


def size_of(subject: Subject, intent: Intent, environment: Environment | None) -> Sizing | str:
    """Return the memory of a run of a model that was described for it, or what is missing."""
    intent = sizable(intent)
    if intent.engine in _FILL_WHAT_IS_LEFT:
        return f"how much {intent.engine} takes: it gives keys and values a share of what is free"
    if intent.trains:
        return fine_tuning.size_training(subject, intent, environment)
    return inference.size_inference(subject, intent, environment)


def describe(model: ModelFolder, intent: Intent, environment: Environment | None) -> Subject | str:
    """Return what of a model matters to memory, or what is missing."""
    if model.ggufs and (model.config is None or not model.shards):
        gguf = meant(model, intent)
        if isinstance(gguf, str):
            return gguf
        sizes = architecture_of_gguf(gguf.metadata)
        read = read_from_gguf(gguf.parts, layers_that_run(sizes, gguf.metadata))
        return Subject(
            sizes=sizes,
            text=gguf.metadata,
            weights=read,
            scheme=None,
            number_bytes=2.0,
            stored=read.total.likely,
            largest_file=max(each.size_bytes for each in gguf.parts),
            pickled=False,
            is_gguf=True,
        )
    config = model.config
    if config is None:
        return "the config of the model"
    sizes = read_architecture(config)
    scheme = scheme_of(config, intent)
    number_bytes = loaded_bytes(intent, sizes, environment)
    weights = _weights(model, config, sizes, scheme, number_bytes)
    if weights is None:
        return "the sizes of the model, which its config does not state"
    return Subject(
        sizes=sizes,
        text=text_config(config),
        weights=weights,
        scheme=scheme,
        number_bytes=number_bytes,
        stored=stored_bytes(model) or weights.total.likely,
        largest_file=max((each.size_bytes for each in model.files), default=0),
        pickled=not model.shards and bool(_pickles(model)),
        is_gguf=False,
    )


def _pickles(model: ModelFolder) -> list[str]:
    return [one.path for one in model.files if one.path.endswith((".bin", ".pt", ".pth"))]


def stored_bytes(model: ModelFolder) -> float | None:
    """Return the bytes of the weights as files, or None where none are there or listed."""
    shards = whole_shards(model)
    if shards:
        return float(sum(one.size_bytes for one in shards))
    if model.index is not None and model.index.total_size:
        return float(model.index.total_size)
    return None


def _weights(
    model: ModelFolder,
    config: Any,
    sizes: Architecture,
    scheme: Scheme | None,
    number_bytes: float,
) -> Weights | None:
    blueprint: Blueprint | None = draw(config, sizes)
    if sizes.layers and whole_shards(model):
        weights = read_from_headers(model, sizes, scheme, number_bytes)
        packed = blueprint is not None and scheme is not None and blueprint.covers
        return replace(weights, numbers=blueprint.numbers) if blueprint and packed else weights
    if blueprint is not None and blueprint.covers:
        return drawn(blueprint, scheme, number_bytes)
    if model.index is not None and model.index.total_size:
        return stated_in_all(model.index.total_size)
    return None
