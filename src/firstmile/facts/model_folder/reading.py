"""Reading a model folder part by part: one that fails is not known, the rest goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from firstmile.facts.environment import NotKnown
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.documents import read_documents, read_index
from firstmile.facts.model_folder.folder import File, ModelFolder
from firstmile.facts.model_folder.listed_files import list_files
from firstmile.facts.model_folder.safetensors import read_shards
from firstmile.facts.model_folder.source import Source
from firstmile.redaction import redact

Part = TypeVar("Part")


def read_model_folder(path: Path) -> ModelFolder:
    """Read what a folder (or a single file) holds; never raises for a part.

    Nothing of it is imported, unpickled or run.
    """
    missing: list[NotKnown] = []

    def part(what: str, read: Callable[[], Part]) -> Part | None:
        try:
            return read()
        except UnreadableError as error:
            reason = redact(str(error)).text
        except Exception as error:  # one part that breaks stops nobody
            reason = f"firstmile failed at it ({type(error).__name__})"
        missing.append(NotKnown(what=what, reason=reason))
        return None

    source = Source(path)
    files = part("files", lambda: list_files(source)) or ()
    documents = part("documents", lambda: read_documents(source, files)) or {}
    index = part("index", lambda: read_index(source, files))
    shards = part("shards", lambda: read_shards(source, files)) or ()
    return ModelFolder(
        path=redact(str(path)).text,
        kind=_kind(files),
        files=files,
        documents=documents,
        index=index,
        shards=shards,
        snapshot_of=_snapshot_of(source.base),
        not_known=tuple(missing),
    )


def _kind(files: tuple[File, ...]) -> str:
    names = {file.path for file in files}
    if "adapter_config.json" in names:
        return "adapter"
    if "config.json" in names or any(name.endswith(".safetensors") for name in names):
        return "transformers"
    if any(file.looks == "gguf" or file.path.endswith(".gguf") for file in files):
        return "gguf"
    return "modelfile" if "Modelfile" in names else "unknown"


def _snapshot_of(folder: Path) -> str | None:
    """Name repository and revision of a folder of the Hub cache (`models--owner--name`)."""
    if folder.parent.name != "snapshots":
        return None
    kind, _, name = folder.parent.parent.name.partition("--")
    return f"{name.replace('--', '/')} at {folder.name}" if kind == "models" else None
