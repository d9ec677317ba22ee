"""The memory of a run: its parts on the fullest device and in main memory, and whether it fits."""

from enum import StrEnum
from typing import Final

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.memory.amount import NONE, Amount, total
from firstmile.facts.sizes import shown, shown_range

MEASURED_ON_GPU: Final = False
"""Whether totals on GPUs were ever held against a GPU. Weights, caches and totals on CPUs were."""
NOT_MEASURED: Final = "not measured on a GPU"


class Fit(StrEnum):
    """How an amount with its error bar lies to a limit."""

    FITS = "fits"
    TIGHT = "may not fit"
    TOO_LARGE = "does not fit"
    NOT_KNOWN = "is not known"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of what a place holds. `source` says where its formula comes from."""

    name: str
    amount: Amount
    source: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A device, or main memory: what the run may take of it, and what it needs.

    `limit` is None where it is not known. `total` is all there is of it.
    """

    name: str
    parts: tuple[Part, ...]
    limit: float | None
    total: float | None = None
    is_gpu: bool = False

    @property
    def needed(self) -> Amount:
        """All parts together."""
        return total(part.amount for part in self.parts)

    def of(self, *names: str) -> Amount:
        """Return what parts of some names take together."""
        return total(part.amount for part in self.parts if part.name in names)

    def without(self, *names: str) -> Amount:
        """Return what all other parts take."""
        return total(part.amount for part in self.parts if part.name not in names)

    @property
    def fit(self) -> Fit:
        """Hold the need against the limit: too large where even its lower bound is."""
        return fit_of(self.needed, self.limit)

    @property
    def largest(self) -> Part | None:
        """The part that takes most."""
        return max(self.parts, key=lambda part: part.amount.likely, default=None)

    def sentence(self) -> str:
        """Return the parts in words, the largest first."""
        ordered = sorted(self.parts, key=lambda part: -part.amount.likely)
        listed = ", ".join(
            f"{part.name} {shown(part.amount.likely)}" for part in ordered if part.amount.likely
        )
        note = f"; {NOT_MEASURED}" if self.is_gpu and not MEASURED_ON_GPU else ""
        return (
            f"{shown_range(self.needed.low, self.needed.likely, self.needed.high)}: {listed}{note}"
        )


_ROUNDING: Final = 1.0
"""A byte: parts that were made to fill a place come to a little more or less, by their sum."""


def fit_of(needed: Amount, limit: float | None) -> Fit:
    """Return how an amount lies to a limit."""
    if limit is None:
        return Fit.NOT_KNOWN
    if needed.low > limit + _ROUNDING:
        return Fit.TOO_LARGE
    return Fit.FITS if needed.high <= limit + _ROUNDING else Fit.TIGHT


WEIGHTS: Final = "weights"
CACHE: Final = "keys and values"
ACTIVATIONS: Final = "activations"
LOGITS: Final = "logits"
CONTEXT: Final = "CUDA context"
GRAPHS: Final = "CUDA graphs"
NCCL: Final = "NCCL buffers"
GRADIENTS: Final = "gradients"
STATES: Final = "optimizer states"
ADAPTER: Final = "adapter"
REFERENCE: Final = "reference model"
BUFFERS: Final = "sharding buffers"
PROCESS: Final = "processes"
SWAP: Final = "swap space of the engine"
OFFLOADED: Final = "offloaded weights"
LOADING: Final = "weights while loading"
OFFLOADED_STATES: Final = "offloaded optimizer states"


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """The memory of a run.

    `device` is the fullest of `devices` devices, None where nothing runs on one. `host` is main
    memory. `there` are the devices of the machine, None where they are not known or several
    machines take part. `cache_a_token` are the bytes that a token of context takes on that device,
    `context` the tokens that were counted; `asked` says that the command states them. `positions`
    are those that the model reads. `loading_peak` are the bytes that weights take on a device
    before they are rounded, None where that is no more than afterwards. Where an engine that
    spreads by itself leaves layers to main memory, `longest` is None, and `longest_whole` the
    context with which the devices hold the whole model, 0 where there is none.
    """

    intent: Intent
    device: Place | None
    host: Place
    devices: int
    numbers: int
    weights: Amount
    context: int
    asked: bool
    cache_a_token: float
    there: int | None = None
    positions: int | None = None
    cache_room: Amount | None = None
    longest: int | None = None
    longest_whole: int | None = None
    cache_of_all: Amount = NONE
    scheme: str | None = None
    layers: int | None = None
    loading_peak: float | None = None
    assumptions: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """The fullest device, where there is one, and main memory."""
        return (self.host,) if self.device is None else (self.device, self.host)

    @property
    def fit(self) -> Fit:
        """The worst of the places' fits; one that is not known says nothing beside others."""
        fits = {place.fit for place in self.places}
        for each in (Fit.TOO_LARGE, Fit.TIGHT):
            if each in fits:
                return each
        return Fit.FITS if Fit.FITS in fits else Fit.NOT_KNOWN
