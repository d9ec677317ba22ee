"""The bytes of the weights: from the headers of the files where they are all there, else drawn."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from firstmile.check.memory.amount import Amount, around, exactly
from firstmile.check.memory.blueprint import Blueprint, Layer
from firstmile.check.memory.quantization import Scheme
from firstmile.check.remembering import remembered
from firstmile.facts.model_folder.architecture import Architecture, is_tied
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Shard
from firstmile.facts.whole_numbers import whole_number

_FLOATING: Final = {"F64": 8, "F32": 4, "BF16": 2, "F16": 2}
_UNCERTAIN: Final = (0.999, 1.01)
"""How far a blueprint may be off: measured in docs/memory.md."""


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes by part, as loaded. `cut` is what of the layers tensor parallelism divides.

    `keys_values` is divided as far as there are heads, `whole` is on every rank. `layers` are
    counted for pipelines. `measured` says that headers were read and nothing was estimated.
    """

    embedding: Amount
    head: Amount
    cut: Amount
    keys_values: Amount
    experts: Amount
    whole: Amount
    vision: Amount
    layers: int
    numbers: int
    measured: bool

    @property
    def total(self) -> Amount:
        """All of it, once."""
        parts = (self.head, self.cut, self.keys_values, self.experts, self.whole, self.vision)
        found = self.embedding
        for each in parts:
            found = found + each
        return found


def drawn(blueprint: Blueprint, scheme: Scheme | None, number_bytes: float) -> Weights:
    """Return the weights of a blueprint, of numbers of so many bytes where not quantized."""
    plain = _Cost(number_bytes, number_bytes, number_bytes)
    packed = plain if scheme is None else _Cost(*_bytes_of(scheme))

    def cost(count: float, quantized: bool) -> Amount:
        each = packed if quantized else plain
        low, high = _UNCERTAIN
        return Amount(count * each.low * low, count * each.likely, count * each.high * high)

    sums = _sums(blueprint.layers)
    attention = scheme is not None and scheme.attention
    forward = scheme is not None and scheme.feed_forward
    experts = scheme is not None and scheme.experts
    latent = max(sums.whole - blueprint.router, 0)
    return Weights(
        embedding=cost(blueprint.embedding, False),
        head=cost(blueprint.head, scheme is not None and scheme.head),
        cut=cost(sums.attention, attention) + cost(sums.feed_forward, forward),
        keys_values=cost(sums.keys_values, attention),
        experts=cost(sums.routed, experts),
        whole=cost(latent, attention) + cost(blueprint.router + sums.small, False),
        vision=cost(blueprint.vision, False),
        layers=len(blueprint.layers),
        numbers=blueprint.numbers,
        measured=False,
    )


class _Cost(msgspec.Struct, frozen=True):
    low: float
    likely: float
    high: float


def _bytes_of(scheme: Scheme) -> tuple[float, float, float]:
    return scheme.low_bits / 8, scheme.bits / 8, scheme.high_bits / 8


def _sums(layers: Iterable[Layer]) -> Layer:
    found = [0] * 6
    for each in layers:
        found[0] += each.attention
        found[1] += each.keys_values
        found[2] += each.feed_forward
        found[3] += each.routed
        found[4] += each.whole
        found[5] += each.small
    return Layer(
        attention=found[0],
        keys_values=found[1],
        feed_forward=found[2],
        routed=found[3],
        whole=found[4],
        small=found[5],
    )


class _Tally(msgspec.Struct):
    """Bytes of one kind of tensor: those of floating numbers by their width, and the others."""

    wide: dict[int, int]
    other: int = 0

    def as_loaded(self, number_bytes: float | None) -> float:
        """Return the bytes once floating numbers are loaded in another width."""
        kept = sum(self.wide.values())
        if number_bytes is not None:
            kept = int(sum(size / width * number_bytes for width, size in self.wide.items()))
        return kept + self.other


def whole_shards(model: ModelFolder) -> tuple[Shard, ...]:
    """Return the shards that make up the model; none where one is missing or broken.

    Folders may hold the same weights twice, whole and in shards: the index tells which count.
    """
    shards = model.shards
    if model.index is not None:
        wanted = set(model.index.weight_map.values())
        shards = tuple(one for one in shards if one.path in wanted)
        if len(shards) < len(wanted):
            return ()
    elif any(one.path.startswith("model") for one in shards):
        shards = tuple(one for one in shards if one.path.startswith("model"))
    return () if any(one.problem for one in shards) else shards


class _Tallies(msgspec.Struct, frozen=True):
    """What the headers of a model add up to; `numbers` are those of floating tensors."""

    kinds: Mapping[str, _Tally]
    numbers: int


@remembered
def _tallies(model: ModelFolder, tied: bool, beyond: str | None) -> _Tallies:
    """Add headers up; a search sizes the same model many times."""
    kinds = {name: _Tally({}) for name in ("embedding", "head", "cut", "kv", "experts", "vision")}
    numbers = 0
    for shard in whole_shards(model):
        for tensor in shard.tensors:
            name = tensor.name
            if beyond is not None and beyond in name:
                continue
            kind = _kind(name)
            if tied and kind == "head":
                continue
            size = tensor.end - tensor.start
            width = _FLOATING.get(tensor.dtype)
            tally = kinds[kind]
            if width is None:
                tally.other += size
            else:
                tally.wide[width] = tally.wide.get(width, 0) + size
                numbers += size // width
    return _Tallies(kinds, numbers)


def read_from_headers(
    model: ModelFolder,
    sizes: Architecture,
    scheme: Scheme | None,
    number_bytes: float,
) -> Weights:
    """Return the weights that headers state, loaded in numbers of so many bytes.

    Layers beyond those of the config (DeepSeek-V3 stores one that predicts further tokens) are
    left out, as engines leave them. A head that is tied to the embedding is counted once.
    """
    further = (model.config or {}).get("num_nextn_predict_layers")
    beyond = f".layers.{sizes.layers}." if further else None
    tallies = _tallies(model, is_tied(sizes), beyond)
    stored = scheme is not None and not scheme.at_load
    loaded = {
        name: exactly(tally.as_loaded(None if stored else number_bytes))
        for name, tally in tallies.kinds.items()
    }
    if scheme is not None and scheme.at_load:
        share = Amount(*(each / number_bytes for each in _bytes_of(scheme)))
        for name in ("cut", "kv", "experts"):
            likely = loaded[name].likely
            loaded[name] = Amount(likely * share.low, likely * share.likely, likely * share.high)
    return Weights(
        embedding=loaded["embedding"],
        head=loaded["head"],
        cut=loaded["cut"],
        keys_values=loaded["kv"],
        experts=loaded["experts"],
        whole=exactly(0),
        vision=loaded["vision"],
        layers=sizes.layers or 1,
        numbers=tallies.numbers,
        measured=scheme is None or not scheme.at_load,
    )


def _kind(name: str) -> str:
    if ".experts." in name:
        return "experts"
    if "k_proj" in name or "v_proj" in name:
        return "vision" if "vision" in name or name.startswith("visual") else "kv"
    if ".layers." in name or ".h." in name or "blocks." in name:
        return "vision" if "vision" in name or "visual" in name else "cut"
    if "lm_head" in name or name == "output.weight" or "embed_out" in name:
        return "head"
    if "vision" in name or "visual" in name:
        return "vision"
    return "embedding" if "emb" in name or "wte" in name or "wpe" in name else "cut"


def read_from_gguf(parts: tuple[Gguf, ...], layers: int | None = None) -> Weights:
    """Return the weights of a GGUF file (or of the parts of one) as they are stored.

    Those of layers beyond `layers` are left out, as llama.cpp leaves them.
    """
    sums = {"embedding": 0, "head": 0, "layers": 0}
    numbers = 0
    last = -1
    for part in parts:
        for tensor in part.tensors:
            size = tensor.end - tensor.start
            count = 1
            for width in tensor.shape:
                count *= width
            if tensor.name.startswith("blk."):
                place = whole_number(tensor.name[4:].partition(".")[0])
                if layers and place is not None and place >= layers:
                    continue
                sums["layers"] += size
                last = max(last, -1 if place is None else place)
            elif tensor.name.startswith("token_embd"):
                sums["embedding"] += size
            else:
                sums["head"] += size
            numbers += count
    if not numbers:
        whole = sum(_gguf_bytes(part) for part in parts)
        return _one(around(whole, 0.98, 1.0))
    return Weights(
        embedding=exactly(sums["embedding"]),
        head=exactly(sums["head"]),
        cut=exactly(sums["layers"]),
        keys_values=exactly(0),
        experts=exactly(0),
        whole=exactly(0),
        vision=exactly(0),
        layers=last + 1 or 1,
        numbers=numbers,
        measured=True,
    )


def _gguf_bytes(part: Gguf) -> int:
    return max(part.size_bytes - part.data_start, 0)


def _one(amount: Amount) -> Weights:
    nothing = exactly(0)
    return Weights(
        embedding=nothing,
        head=nothing,
        cut=amount,
        keys_values=nothing,
        experts=nothing,
        whole=nothing,
        vision=nothing,
        layers=1,
        numbers=0,
        measured=False,
    )


def stated_in_all(size: float) -> Weights:
    """Return weights of which only the sum is known, such as from an index."""
    return _one(around(size, 0.98, 1.02))
