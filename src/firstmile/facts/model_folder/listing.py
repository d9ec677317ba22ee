"""A model folder as names and values for people."""

from collections.abc import Iterator

from firstmile.facts.listing import Listed, gib
from firstmile.facts.model_folder.folder import Code, Document, Gguf, ModelFolder, Pickle, Shard

MOST_FILES = 40
"""Listed by name; the rest is counted."""


def listed_model(model: ModelFolder) -> tuple[Listed, ...]:
    """Return the parts that hold something, each with its heading; what is missing comes last."""
    parts = (
        ("Model", _model(model)),
        ("Files", _files(model)),
        ("Cannot be used", _problems(model)),
        ("Not known of the model", ((each.what, each.reason) for each in model.not_known)),
    )
    whole = ((heading, tuple(pairs)) for heading, pairs in parts)
    return tuple((heading, pairs) for heading, pairs in whole if pairs)


def _model(model: ModelFolder) -> Iterator[tuple[str, str]]:
    yield "folder", model.path
    yield "kind", model.kind
    if model.snapshot_of:
        yield "snapshot of", model.snapshot_of
    config = model.config or {}
    for name in ("model_type", "torch_dtype", "dtype"):
        if isinstance(config.get(name), str):
            yield name, config[name]
    for word, files in (("shards", model.shards), ("GGUF files", model.ggufs)):
        if files:
            tensors = sum(len(each.tensors) for each in files)
            size = gib(sum(each.size_bytes for each in files))
            yield word, f"{len(files):,} with {tensors:,} tensors, {size}"
    if model.samples:
        yield "tensors sampled", f"{len(model.samples):,}"
    for each in model.pickles:
        yield f"{each.path} imports", ", ".join(each.imports) or "nothing"


def _files(model: ModelFolder) -> Iterator[tuple[str, str]]:
    for each in model.files[:MOST_FILES]:
        other = f", {each.kind}" if each.kind != "file" else ""
        yield each.path, f"{each.size_bytes:,} bytes, {each.looks}{other}"
    if len(model.files) > MOST_FILES:
        yield "and", f"{len(model.files) - MOST_FILES:,} more"


def _problems(model: ModelFolder) -> Iterator[tuple[str, str]]:
    read: list[Document | Shard | Gguf | Pickle | Code] = [*model.documents.values()]
    read += [*model.shards, *model.ggufs, *model.pickles, *model.code]
    for each in read:
        if each.problem is not None:
            yield each.path, each.problem
