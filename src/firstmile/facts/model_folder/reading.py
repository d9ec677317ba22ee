"""Reading a model folder part by part: one that fails is not known, the rest goes on."""

import re
from pathlib import Path
from typing import Final

from firstmile.facts.machine import Machine
from firstmile.facts.model_folder.custom_code import read_code
from firstmile.facts.model_folder.documents import read_documents, read_index
from firstmile.facts.model_folder.folder import PICKLE_ENDINGS, File, ModelFolder, Pickle, Sample
from firstmile.facts.model_folder.gguf import read_ggufs
from firstmile.facts.model_folder.listed_files import list_files
from firstmile.facts.model_folder.locating import find_model
from firstmile.facts.model_folder.modelfile import NAME, is_modelfile, read_modelfile
from firstmile.facts.model_folder.safetensors import read_shards
from firstmile.facts.model_folder.samples import Sampled, read_samples
from firstmile.facts.model_folder.source import Source
from firstmile.facts.model_folder.templates import read_templates
from firstmile.facts.model_folder.tokenizer_file import read_tokenizer
from firstmile.facts.parts import Parts
from firstmile.facts.started import Started
from firstmile.redaction import redact

_LONGEST_PATH: Final = 1_000
_META: Final = re.compile(r"consolidated\.[0-9]{2,3}\.pth")
"""A part of a checkpoint as Meta publishes it: one for each process that runs it."""


def read_model_folder(path: Path, *, source: Source | None = None) -> ModelFolder:
    """Read what a folder (or a single file) holds; never raises for a part.

    Nothing of it is imported, unpickled or run. What waits for a process of its own (tokenizer,
    templates, code) goes on beside the rest. `source` is what stands for the folder where it is
    not on this disk.
    """
    parts = Parts()
    part = parts.read

    held = source or Source(path)
    files = part("files", lambda: list_files(held)) or ()
    if held.cut:
        reason = f"there are more than {len(files):,} files, or folders deeper than are listed"
        parts.lack("files", reason)
    documents = part("documents", lambda: read_documents(held, files)) or {}
    modelfile = part("modelfile", lambda: read_modelfile(held, files))
    if modelfile is not None:
        documents = {**documents, NAME: modelfile}
    ggufs = part("ggufs", lambda: read_ggufs(held, files)) or ()
    trying = Started(lambda: part("tokenizer", lambda: read_tokenizer(held, files, documents)))
    rendering = Started(
        lambda: part("templates", lambda: read_templates(held, files, documents, ggufs))
    )
    coding = Started(lambda: part("code", lambda: read_code(held, files)))
    index = part("index", lambda: read_index(held, files))
    shards = part("shards", lambda: read_shards(held, files)) or ()
    pickles = part("pickles", lambda: _pickles(held, files)) or ()
    sampled = part("samples", lambda: read_samples(held, shards, ggufs))
    tokenizer, templates = trying.result(), rendering.result() or ()
    code = coding.result() or ()
    return ModelFolder(
        path=redact(str(path)).text,
        kind=_kind(files),
        files=files,
        documents=documents,
        index=index,
        shards=shards,
        ggufs=ggufs,
        pickles=pickles,
        code=code,
        tokenizer=tokenizer,
        templates=templates,
        samples=_samples(sampled, parts),
        snapshot_of=held.revision(),
        not_known=tuple(sorted(parts.missing, key=lambda one: one.what)),
    )


def _pickles(source: Source, files: tuple[File, ...]) -> tuple[Pickle, ...]:
    if not any(file.path.endswith(PICKLE_ENDINGS) for file in files):
        return ()
    from firstmile.facts.model_folder.pickles import read_pickles

    return read_pickles(source, files)


def read_model(
    path: Path, machine: Machine | None = None
) -> tuple[ModelFolder, ModelFolder | None]:
    """Read a model, and the one that it builds on where it is an adapter or a Modelfile."""
    model = read_model_folder(path)
    base = base_of(path, model, machine)
    return model, None if base is None else read_model_folder(base)


def base_of(path: Path | None, model: ModelFolder, machine: Machine | None = None) -> Path | None:
    """Return the folder or file that a model builds on, where it lies on this machine.

    That of an adapter is `base_model_name_or_path`, a path or a repository in the Hub cache, that
    of a Modelfile its FROM. What is named counts only where it looks like a model: a folder from
    elsewhere may name any place. `path` is where the model lies, None where it is not here.
    """
    named = _named_base(model)
    if not named or len(named) > _LONGEST_PATH or "\0" in named:
        return None
    revision = (model.document("adapter_config.json") or {}).get("revision")
    try:
        beside = None if path is None else (path if path.is_dir() else path.parent) / named
        found = find_model(
            named, machine or Machine(), revision=revision if isinstance(revision, str) else None
        )
        for place in (beside, found):
            if place is not None and _looks_like_a_model(place) and not _is_same(place, path):
                return place
    except (OSError, RuntimeError, ValueError):
        return None
    return None


def _is_same(place: Path, path: Path | None) -> bool:
    return path is not None and place.resolve() == path.resolve()


def _named_base(model: ModelFolder) -> str | None:
    adapter = model.document("adapter_config.json")
    if adapter is not None:
        named = adapter.get("base_model_name_or_path")
        return named if isinstance(named, str) else None
    modelfile = model.document(NAME)
    named = modelfile.get("FROM") if modelfile is not None else None
    if not isinstance(named, list) or not named or not isinstance(named[0], str):
        return None
    is_here = model.file(named[0].removeprefix("./")) is not None
    return None if is_here else named[0]


def _looks_like_a_model(place: Path) -> bool:
    if place.is_file():
        with place.open("rb") as file:
            return file.read(4) == b"GGUF"
    return (place / "config.json").is_file()


def _samples(sampled: Sampled | None, parts: Parts) -> tuple[Sample, ...]:
    if sampled is None:
        return ()
    count = len(sampled.samples)
    if count < sampled.possible:
        reason = f"of {sampled.possible:,} tensors a sample was looked into, and not all"
        parts.lack("samples", reason)
    return sampled.samples


def _kind(files: tuple[File, ...]) -> str:
    names = {file.path for file in files}
    if "adapter_config.json" in names:
        return "adapter"
    named = (file for file in files if file.path.endswith(".safetensors"))
    if "config.json" in names or any(file.looks != "gguf" for file in named):
        return "transformers"
    if "params.json" in names and any(_META.fullmatch(name) for name in names):
        return "meta"
    if any(file.looks == "gguf" or file.path.endswith(".gguf") for file in files):
        return "gguf"
    return "modelfile" if any(is_modelfile(name) for name in names) else "unknown"
