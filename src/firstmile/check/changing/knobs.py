"""What a knob is: one thing that can be turned in a run, in levels, the mildest first."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from firstmile.check.changing.flags import FLAGS, Edit
from firstmile.check.changing.losses import Loss
from firstmile.check.intent import Intent
from firstmile.check.memory import Sizing
from firstmile.check.memory.machine import Devices
from firstmile.check.memory.settings import Settings
from firstmile.check.memory.subject import Subject

Turn = Callable[[Intent], Intent]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of a knob: how the intent changes, by which flags, and in which words."""

    turn: Turn
    edits: tuple[Edit, ...]
    loss: Loss
    words: str


class Knob(msgspec.Struct, frozen=True, kw_only=True):
    """Levels of one thing, each stronger than the one before it."""

    name: str
    levels: tuple[Level, ...]


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What knobs are made from: the run as it stands."""

    intent: Intent
    engine: str
    subject: Subject
    settings: Settings
    sizing: Sizing
    devices: Devices
    capability: float | None
    most_context: int | None


def turned(**settings: Any) -> Turn:
    """Return what sets fields of an intent."""
    return lambda intent: replace(intent, **settings)


def nice_lengths(below: int, least: int) -> list[int]:
    """Return powers of two and one and a half times them, under a length, the longest first."""
    found = []
    size = 1
    while size < below:
        found += [each for each in (size, size * 3 // 2) if least <= each < below]
        size *= 2
    return sorted(set(found), reverse=True)


def flag_of(bench: Bench, name: str) -> str | None:
    """Return the flag that an engine knows something by, None where it has none."""
    said = FLAGS.get(bench.engine, {}).get(name)
    return said.split()[0] if said else None
