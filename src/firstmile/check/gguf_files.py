"""The GGUF models of a folder: each a file, or several parts that are one."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.verdicts import Verdict, does_not_apply, not_known
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Tensor
from firstmile.facts.snapshot import Snapshot

PART: Final = re.compile(r"(.{1,200})-(\d{5})-of-(\d{5})\.gguf")
"""How llama.cpp names the parts of one model."""
_NO_MODELS: Final = ("adapter", "mmproj", "imatrix", "vocab", "projector")
_NO_TEXT: Final = ("clip", "wavtokenizer-dec", "control_vector", "diffusion", "flux", "sd1", "sdxl")


class GgufModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model by the parts that are there; `metadata` are those of its first part."""

    name: str
    parts: tuple[Gguf, ...]

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The settings of the model."""
        return self.parts[0].metadata

    @property
    def architecture(self) -> str:
        """The architecture, or an empty text."""
        said = self.metadata.get("general.architecture")
        return said if isinstance(said, str) else ""

    @property
    def is_whole(self) -> bool:
        """Whether all headers were read, and all parts are there."""
        count = split_count(self.parts[0])
        return all(one.problem is None for one in self.parts) and len(self.parts) == count

    def number(self, name: str) -> int | None:
        """Return a whole number among the settings of the architecture."""
        found = self.metadata.get(f"{self.architecture}.{name}")
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors of all parts by name."""
        return {each.name: each for part in self.parts for each in part.tensors}


def split_count(part: Gguf) -> int:
    """Return how many parts the model has of which a file is one."""
    count = part.metadata.get("split.count")
    return count if isinstance(count, int) and count > 1 else 1


def ggufs_of(snapshot: Snapshot) -> tuple[Gguf, ...] | Verdict:
    """Return the GGUF files of a model; else a verdict that skips."""
    model = snapshot.model
    if model is None:
        return not_known("the model's files")
    if model.ggufs:
        return model.ggufs
    why = model.why_not("ggufs")
    return not_known(why) if why else does_not_apply("there is no GGUF file")


def models_of(model: ModelFolder) -> tuple[GgufModel, ...]:
    """Return the language models among the GGUF files whose first part was read.

    Adapters, projectors for images and vocabularies alone are left out.
    """
    groups: dict[str, list[Gguf]] = {}
    for each in model.ggufs:
        part = PART.fullmatch(each.path)
        groups.setdefault(part[1] if part else each.path, []).append(each)
    found = []
    for name, files in groups.items():
        parts = tuple(sorted(files, key=lambda one: one.path))
        made = GgufModel(name=name, parts=parts)
        if parts[0].problem is None and _is_model(made):
            found.append(made)
    return tuple(found)


def meant(model: ModelFolder, intent: Intent) -> GgufModel | str:
    """Return the GGUF model that a command runs, or what is missing to know it.

    Several quantizations of one model may lie side by side: the command names the file, or the
    quantization behind the repository (`owner/name:Q4_K_M`), as llama.cpp and Ollama have it.
    """
    known = models_of(model)
    if not known:
        return "the header of a GGUF model"
    found = _named(known, intent.model or "") if len(known) > 1 else known
    if len(found) != 1:
        return f"which of the {len(known)} GGUF models in the folder is meant: name its file"
    parts = found[0].parts
    if any(one.problem for one in parts) or len(parts) < split_count(parts[0]):
        return f"the headers of all parts of {found[0].name}"
    return found[0]


def _named(known: tuple[GgufModel, ...], name: str) -> tuple[GgufModel, ...]:
    file = name.replace("\\", "/").rpartition("/")[2]
    part = PART.fullmatch(file)
    exact = tuple(
        one for one in known if one.name.rpartition("/")[2] == (part[1] if part else file)
    )
    tag = file.partition(":")[2].lower()
    return exact or tuple(one for one in known if tag and tag in one.name.lower())


def leading(model: ModelFolder) -> Gguf | None:
    """Return the first file of the first language model, which states its settings, or None."""
    known = models_of(model)
    if known:
        return known[0].parts[0]
    return next((one for one in model.ggufs[:1] if one.problem is None), None)


def _is_model(made: GgufModel) -> bool:
    kind = made.metadata.get("general.type", "model")
    if kind in _NO_MODELS or made.architecture in _NO_TEXT:
        return False
    return bool(made.parts[0].tensors) or len(made.parts) > 1
