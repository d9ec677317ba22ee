"""Which files of a folder a load takes as weights, and the tensors that stand in them."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Final

import msgspec

from firstmile.check.counting import share
from firstmile.check.intent import Intent
from firstmile.check.remembering import remembered
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, shortened
from firstmile.facts.model_folder.folder import ModelFolder, Shard, ShardIndex, Tensor
from firstmile.facts.snapshot import Snapshot

SINGLE: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
PICKLE: Final = "pytorch_model.bin"
PICKLE_INDEX: Final = "pytorch_model.bin.index.json"
PICKLED: Final = (".bin", ".pt", ".pth", ".ckpt")
_WEIGHTS: Final = (".safetensors", ".bin", ".pt", ".pth", ".gguf", ".ckpt", ".h5", ".msgpack")
_NO_WEIGHTS: Final = ("training_args.bin", "optimizer.", "scheduler.", "rng_state", "scaler.")
"""Files of a training run that lie beside its weights."""
_NAME: Final = attrgetter("name")
_LONGEST_NAME: Final = 120
"""Characters of a name in a sentence; the evidence has more of it."""


class WeightFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files that transformers takes, in its order of preference; `index` where one names them.

    Source: `_get_resolved_checkpoint_files` in transformers' `modeling_utils.py`.
    """

    paths: tuple[str, ...]
    pickled: bool
    index: str | None


def folder_of(snapshot: Snapshot) -> ModelFolder | Verdict:
    """Return a model in the form of transformers; else a verdict that skips."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.kind != "transformers":
        return does_not_apply("the model is not a folder of transformers")
    if not model.files:
        return not_known("the files of the model's folder")
    return model


@remembered
def weights_that_load(model: ModelFolder) -> WeightFiles | None:
    """Return the weight files that a load takes, or None where there are none that it knows."""
    names = {one.path for one in model.files}
    index = model.index
    named = tuple(sorted(set(index.weight_map.values()))) if index is not None else ()
    if SINGLE in names:
        return WeightFiles(paths=(SINGLE,), pickled=False, index=None)
    if index is not None and index.path == INDEX:
        return WeightFiles(paths=named, pickled=False, index=INDEX)
    if PICKLE in names:
        return WeightFiles(paths=(PICKLE,), pickled=True, index=None)
    if index is not None and index.path == PICKLE_INDEX:
        return WeightFiles(paths=named, pickled=True, index=PICKLE_INDEX)
    return None


def is_weight_file(path: str) -> bool:
    """Say whether a file of the top level holds weights by its name, of whatever form."""
    if "/" in path or not path.endswith(_WEIGHTS):
        return False
    return not path.startswith(_NO_WEIGHTS)


class Tensors(Mapping[str, Tensor]):
    """Tensors by their names, all of which are different; they are looked up where that is asked.

    `each` has them in order. Most is said of them without one being looked up.
    """

    def __init__(self, each: tuple[Tensor, ...]) -> None:
        """Take tensors of which no two have one name."""
        self.each = each

    @cached_property
    def _by_name(self) -> dict[str, Tensor]:
        return dict(zip(map(_NAME, self.each), self.each, strict=True))

    def __getitem__(self, name: str) -> Tensor:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return map(_NAME, self.each)

    def __len__(self) -> int:
        return len(self.each)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The tensors that a load finds, by name; `twice` are those that stand in two of its files.

    `unread` says why some are not known: a file that is missing, refused or pickled.
    `is_as_indexed` says that the index names all of them, each with its file, and no others.
    """

    tensors: Tensors
    twice: tuple[str, ...]
    unread: str | None
    is_as_indexed: bool = False


@remembered
def stored(model: ModelFolder) -> Stored:
    """Return the tensors that a load of a folder finds."""
    taken = weights_that_load(model)
    shards: tuple[Shard, ...] = model.shards
    unread: str | None = None
    if taken is not None:
        wanted = set(taken.paths)
        shards = tuple(one for one in shards if one.path in wanted)
        if taken.pickled:
            unread = "the names in pickled files are not read"
        elif len(shards) < len(wanted):
            unread = f"{share(len(wanted) - len(shards), len(wanted), 'file', 'is', 'are')} missing"
    broken = next((one for one in shards if one.problem), None)
    if broken is not None:
        unread = f"the header of {broken.path} cannot be read"
    if unread is None and model.index is not None and _are_as_indexed(shards, model.index):
        each = tuple(chain.from_iterable(one.tensors for one in shards))
        return Stored(tensors=Tensors(each), twice=(), unread=None, is_as_indexed=True)
    tensors: dict[str, Tensor] = {}
    twice: list[str] = []
    for shard in shards:
        before = len(tensors)
        tensors.update(zip(map(_NAME, shard.tensors), shard.tensors, strict=True))
        if len(tensors) < before + len(shard.tensors):
            earlier = tuple(tensors)[:before]
            twice += sorted(set(map(_NAME, shard.tensors)).intersection(earlier))
    if not tensors and unread is None:
        unread = model.why_not("shards") or "no header of a weight file was read"
    return Stored(tensors=Tensors(tuple(tensors.values())), twice=tuple(twice), unread=unread)


def _are_as_indexed(shards: tuple[Shard, ...], index: ShardIndex) -> bool:
    """Say whether an index names each tensor once, with the file it stands in, and no others."""
    if not shards or sum(len(one.tensors) for one in shards) != len(index.weight_map):
        return False
    for shard in shards:
        names = [one.name for one in shard.tensors]
        files = list(map(index.weight_map.get, names))
        if files.count(shard.path) != len(names) or len(set(names)) != len(names):
            return False
    return True


def names_another_form(intent: Intent) -> bool:
    """Say whether the command names a form of weights that is not found by preference."""
    return intent.load_format not in (None, "auto", "safetensors", "hf", "pt")


def some(names: tuple[str, ...] | list[str], most: int = 4) -> str:
    """Return a few names in words, and how many more there are; a long one is cut."""
    shown = ", ".join(shortened(each, _LONGEST_NAME) for each in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
