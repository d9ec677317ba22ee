"""Where a wide error bar of memory comes from, in words that go with what was assumed.

What does not last, a peak while weights are loaded, stands with them.
"""

from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Intent
from firstmile.check.memory.settings import FILLING, POOLED
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    CACHE,
    GRAPHS,
    LOADING,
    LOGITS,
    Fit,
    Part,
    Place,
    Sizing,
)
from firstmile.check.memory.telling import flag
from firstmile.facts.sizes import shown

_WIDE: Final = 0.1
"""Of what a place has: narrower bars are not explained where the run fits."""
_REASONS: Final = {
    ACTIVATIONS: "what a step takes beside the weights, which hangs on kernels, unmeasured",
    LOGITS: "scores of all tokens, which engines keep in several copies or in pieces",
    GRAPHS: "CUDA graphs, which grow with the batch sizes that the engine captures",
    LOADING: "weights while they are loaded, of which a library may hold more than one copy",
}


def explained(sizing: Sizing | str) -> Sizing | str:
    """Return a sizing with a sentence on the widest part of each place whose bar is wide."""
    if isinstance(sizing, str):
        return sizing
    said = (_peak(sizing), *(_reason(place, sizing) for place in sizing.places))
    more = tuple(dict.fromkeys(one for one in said if one is not None))
    return replace(sizing, assumptions=(*sizing.assumptions, *more)) if more else sizing


def _peak(sizing: Sizing) -> str | None:
    """Return that weights do not get through loading, however little they take afterwards."""
    peak, limit = sizing.loading_peak, sizing.device.limit if sizing.device else None
    if peak is None or limit is None or peak <= limit:
        return None
    return f"that the weights get loaded, which takes {shown(peak)} of a device before the rounding"


def _reason(place: Place, sizing: Sizing) -> str | None:
    width = _width_of(place)
    if place.limit is None or width <= _WIDE * place.limit:
        return None
    if place.fit is Fit.TOO_LARGE or place.fit is Fit.NOT_KNOWN:
        return None
    part = max(place.parts, key=_width)
    if 2 * _width(part) < width:
        return None
    if part.name == CACHE:
        return _of_the_cache(sizing)
    return _REASONS.get(part.name)


def _width(part: Part) -> float:
    return part.amount.high - part.amount.low


def _width_of(place: Place) -> float:
    return sum(map(_width, place.parts))


def _of_the_cache(sizing: Sizing) -> str | None:
    intent: Intent = sizing.intent
    what = f"keys and values of {sizing.context:,} tokens"
    option = flag(intent, "context")
    if not sizing.asked and intent.engine not in POOLED:
        narrows = f", and {option} with what is needed narrows it" if option else ""
        return (
            f"{what}, since the command names no context: the error bar runs from a tenth of them "
            f"to twice as much{narrows}"
        )
    if intent.engine in FILLING and intent.sequences is None and intent.serves:
        return f"{what} for as many conversations as releases start with, since none are named"
    return None
