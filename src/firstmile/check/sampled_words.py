"""How tokens are chosen: by the command, or else by what the model's own file says."""

from typing import Any

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import generation_config_of
from firstmile.check.verdicts import seen, stated
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence

FILE = "generation_config.json"
_READ_BY = (None, "transformers", "trl", "vllm", "sglang")
"""Engines that take their defaults from that file; None is nothing said."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of sampling with its place; `of_command` tells who sets it."""

    name: str
    value: float
    of_command: bool

    @property
    def evidence(self) -> Evidence:
        """Quote it."""
        if self.of_command:
            return seen(f"{self.name} = {self.value:g}")
        return stated(FILE, self.name, self.value)


def sampling_value(snapshot: Snapshot, intent: Intent, name: str) -> Value | None:
    """Return a setting by the name that transformers gives it; None where nobody sets it."""
    said = getattr(intent.sampling, name)
    if said is not None:
        return Value(name=name, value=float(said), of_command=True)
    if intent.engine not in _READ_BY:
        return None
    value: Any = (generation_config_of(snapshot) or {}).get(name)
    if isinstance(value, int | float):
        return Value(name=name, value=float(value), of_command=False)
    return None
