"""Numbers that no program takes: they are set apart, so that nothing is worked out from them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.check.intent import Argument, Impossible, Intent
from firstmile.facts.sizes import GIB

_PORTS: Final = 65_535


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What a setting may be at the least and at the most; None is no limit.

    `part` is the struct that holds it in an intent, "" for the intent itself; `stems` are words in
    the names that engines give it. It is `told` unless a check of its own tells of it.
    """

    part: str = ""
    name: str
    words: str
    stems: str
    least: float = 1
    most: float | None = None
    told: bool = True


LIMITS: Final = (
    Limit(part="parallel", name="tensor", words="tensor parallel size", stems="tensor tp world"),
    Limit(part="parallel", name="pipeline", words="pipeline parallel size", stems="pipeline pp"),
    Limit(part="parallel", name="data", words="data parallel size", stems="data dp"),
    Limit(part="parallel", name="nodes", words="number of machines", stems="nodes nnodes machines"),
    Limit(part="parallel", name="processes", words="number of processes", stems="nproc processes"),
    Limit(name="context", words="context", stems="ctx context len length seq tokens"),
    Limit(name="sequences", words="number of sequences", stems="seqs requests parallel batch"),
    Limit(name="batched_tokens", words="number of tokens in a step", stems="tokens batch ubatch"),
    Limit(name="cpu_offload_bytes", words="part to offload", stems="offload", least=0),
    Limit(name="swap_bytes", words="space for swapping", stems="swap", least=0),
    Limit(name="port", words="port", stems="port", least=0, most=_PORTS),
    Limit(name="gpu_memory_share", words="share", stems="", least=1e-9, most=1, told=False),
    Limit(part="training", name="max_length", words="length of samples", stems="length len seq"),
    Limit(part="training", name="per_device_batch_size", words="batch", stems="batch", told=False),
    Limit(
        part="training",
        name="gradient_accumulation_steps",
        words="number of accumulated batches",
        stems="accumulation",
        told=False,
    ),
)


def numbers_set_apart(intent: Intent) -> Intent:
    """Return an intent without the numbers that no program takes; `impossible` names them.

    What a check of its own tells of stays, except in what sizes the run.
    """
    found: list[Impossible] = []
    for limit, value in _beyond(intent):
        if limit.told:
            found.append(
                Impossible(
                    written=_written(intent.arguments, limit, value) or _plainly(limit, value),
                    words=limit.words,
                    least=int(limit.least),
                    most=None if limit.most is None else int(limit.most),
                )
            )
            intent = _without(intent, limit)
    return replace(intent, impossible=(*intent.impossible, *found)) if found else intent


def sizable(intent: Intent) -> Intent:
    """Return an intent without any number that no program takes, to work out its memory."""
    for limit, _ in _beyond(intent):
        intent = _without(intent, limit)
    return intent


def _beyond(intent: Intent) -> Iterator[tuple[Limit, float]]:
    for limit in LIMITS:
        part: Any = getattr(intent, limit.part) if limit.part else intent
        value = None if part is None else getattr(part, limit.name)
        if value is not None and not limit.least <= value <= (limit.most or value):
            yield limit, value


def _without(intent: Intent, limit: Limit) -> Intent:
    if not limit.part:
        return replace(intent, **{limit.name: None})
    part = replace(getattr(intent, limit.part), **{limit.name: None})
    return replace(intent, **{limit.part: part})


def _written(arguments: Sequence[Argument], limit: Limit, value: float) -> str | None:
    """Return the last argument that says this number, as it was written."""
    stems = set(limit.stems.split())
    for one in reversed(arguments):
        if stems.intersection(one.name.split("_")) and _says(one.value, value):
            return f"{one.written} {one.value}"
    return None


def _says(text: str | None, value: float) -> bool:
    try:
        said = float(text or "")
    except ValueError:
        return False
    return value in (said, said * GIB)


def _plainly(limit: Limit, value: float) -> str:
    return f"a {limit.words} of {value / GIB if limit.name.endswith('_bytes') else value:g}"
