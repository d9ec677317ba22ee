"""What checks of adapters share: the config, the tensors, and the base by its files."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.check.tensor_names import PLAIN, layout_of
from firstmile.check.verdicts import Verdict, does_not_apply, not_known
from firstmile.facts.model_folder.folder import ModelFolder, Tensor
from firstmile.facts.snapshot import Snapshot

CONFIG: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"
PICKLED: Final = "adapter_model.bin"
PREFIX: Final = "base_model.model."


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """An adapter's folder: its config, and its tensors where their header was read."""

    model: ModelFolder
    config: Mapping[str, Any]
    tensors: Mapping[str, Tensor] | None

    @property
    def is_lora(self) -> bool:
        """Whether it is a LoRA."""
        return self.config.get("peft_type") == "LORA"


def adapter_of(snapshot: Snapshot) -> Adapter | Verdict:
    """Return the adapter that is judged; else a verdict that skips."""
    model = snapshot.model
    if model is None:
        return not_known("the adapter's folder")
    if model.kind != "adapter":
        return does_not_apply("the folder holds no adapter")
    config = model.document(CONFIG)
    if config is None:
        found = model.documents.get(CONFIG)
        return not_known(f"the adapter's config: {found.problem if found else 'it was not read'}")
    shard = next((one for one in model.shards if one.path == WEIGHTS), None)
    tensors = None
    if shard is not None and shard.problem is None:
        tensors = {each.name: each for each in shard.tensors}
    return Adapter(model=model, config=config, tensors=tensors)


class Modules(msgspec.Struct, frozen=True, kw_only=True):
    """The modules of a base's layers, by layer and name, and their plain matrices."""

    layers: Mapping[int, Mapping[str, Tensor | None]]
    vocabulary: Mapping[str, Tensor]
    """Embedding and head, by the last part of their names."""

    def has(self, layer: int, name: str) -> bool:
        """Say whether a layer has a module, or is itself not there to have any."""
        return name in self.layers.get(layer, {})

    def matrix(self, layer: int, name: str) -> Tensor | None:
        """Return a module's matrix, or None where it is packed or not there."""
        found = self.layers.get(layer, {}).get(name)
        return found if found is not None and found.dtype in PLAIN else None


def modules_of_base(base: ModelFolder) -> Modules | None:
    """Return the modules of a base's layers; None where its tensors were not read."""
    layout = layout_of(base)
    if layout is None:
        return None
    layers: dict[int, dict[str, Tensor | None]] = {}
    for number, tensors in layout.layers.items():
        mine = layers.setdefault(number, {})
        for name, one in tensors.items():
            module, _, last = name.rpartition(".")
            if last == "weight" and len(one.shape) == 2:
                mine[module] = one
            else:
                mine.setdefault(module, None)
    ends = (layout.embedding, layout.output)
    vocabulary = {_last(one.name): one for one in ends if one is not None}
    return Modules(layers=layers, vocabulary=vocabulary)


def _last(name: str) -> str:
    return name.removesuffix(".weight").rpartition(".")[2]


def rows_beside(adapter: Adapter, modules: Modules) -> tuple[Tensor, Tensor] | None:
    """Return an embedding or head that an adapter brings in whole, and the base's of other size."""
    for name, one in (adapter.tensors or {}).items():
        if ".lora_" in name or not name.endswith(".weight"):
            continue
        base = modules.vocabulary.get(_last(name))
        if base is not None and base.dtype in PLAIN and one.shape != base.shape:
            return one, base
    return None


def base_name(adapter: Adapter) -> str | None:
    """Return the base that the adapter's config names."""
    named = adapter.config.get("base_model_name_or_path")
    return named if isinstance(named, str) and named else None
