"""How many processes of a run one machine holds, and how much of the model each of them."""

from typing import Final

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.memory.settings import FILLING, POOLED, TGI, Settings
from firstmile.check.ranks import devices_here

_PARTED: Final = ("meta-llama", "deepseek-demo")
"""Programs whose processes hold parts of one model, which their checkpoint is cut into."""


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """What one machine holds of a run that serves or generates.

    `processes` with a library of their own, `ranks` that go through the model side by side, and
    `models`: whole ones that all of them hold together, a part where others are on other machines.
    """

    processes: int
    ranks: int
    models: float


def copies_of(intent: Intent, settings: Settings) -> Copies:
    """Return what one machine holds of a run that serves or generates.

    A server has one process beside its ranks, which share one model. Processes that a launcher
    starts hold a model each.
    """
    if settings.engine in FILLING:
        return Copies(processes=1, ranks=1, models=1.0)
    if settings.engine in POOLED:
        ranks = settings.tensor if settings.engine == TGI else devices_here(intent)
        parts = max(settings.tensor * settings.pipeline, 1)
        return Copies(processes=ranks + 1, ranks=ranks, models=ranks / parts)
    started = max(intent.parallel.processes or 1, 1)
    if settings.engine in _PARTED:
        return Copies(processes=started, ranks=1, models=1.0)
    return Copies(processes=started, ranks=started, models=float(started))
