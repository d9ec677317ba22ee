"""How weights lie on devices: cut by tensor parallelism, laid out in stages, spread by layers.

Tensor parallelism cuts the matrices of attention and of the feed-forward part, and the vocabulary
of embedding and head (Megatron-LM, arXiv 1909.08053, section 3); key and value heads are copied
where there are fewer than ranks. Expert parallelism gives each rank whole experts.
"""

from math import ceil

from firstmile.check.memory.amount import Amount
from firstmile.check.memory.settings import Settings
from firstmile.check.memory.weights import Weights


def on_fullest(weights: Weights, settings: Settings, data: int = 1) -> Amount:
    """Return the weights on the device that holds most."""
    if settings.spread > 1:
        return _by_layers(weights, settings.spread)
    tensor, pipeline = settings.tensor, settings.pipeline
    stage = ceil(weights.layers / pipeline) / max(weights.layers, 1)
    experts = tensor * data if settings.expert else tensor
    inner = (
        _cut(weights.cut, settings)
        + _heads(weights.keys_values, settings.attention)
        + weights.experts.times(1 / experts)
        + weights.whole
    )
    ends = weights.embedding + weights.head
    if pipeline > 1:
        larger = max(weights.embedding.likely, weights.head.likely)
        ends = Amount(weights.embedding.low, larger, larger)
    seen = Amount(weights.vision.low / tensor, weights.vision.likely, weights.vision.high)
    return inner.times(stage) + ends.times(1 / tensor) + seen


def _cut(cut: Amount, settings: Settings) -> Amount:
    """Return the matrices of a rank; where attention is copied, the rest is not told apart."""
    copied = cut.times(1 / settings.attention)
    return Amount(cut.low / settings.tensor, copied.likely, copied.high)


def _heads(keys_values: Amount, tensor: int) -> Amount:
    """Return keys' and values' matrices: at best divided like the rest, at worst copied."""
    best = keys_values.times(1 / tensor)
    return Amount(best.low, best.likely, max(best.high, keys_values.high / min(tensor, 8)))


def _by_layers(weights: Weights, devices: int) -> Amount:
    """Return the share of a device when layers are dealt out, one more or less."""
    total = weights.total
    layer = (total.likely - weights.embedding.likely - weights.head.likely) / max(weights.layers, 1)
    even = total.times(1 / devices)
    return even + Amount(0.0, 0.3 * layer, max(layer, weights.head.likely, 0.0))
