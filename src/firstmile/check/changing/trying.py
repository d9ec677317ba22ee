"""A run whose changes are tried: whether it works, and why it does not."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.check.changing.knobs import Bench, Level
from firstmile.check.changing.serving import divides
from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
from firstmile.check.memory import Fit, Place
from firstmile.check.memory.estimate import describe, size_of
from firstmile.check.memory.left_over import left_over
from firstmile.check.memory.machine import devices_of
from firstmile.check.memory.settings import FILLING, resolve, visible
from firstmile.check.memory.subject import Subject
from firstmile.check.model_sizes import model_of
from firstmile.check.ranks import SERVERS, ranks_of, takes_other_machines
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot


class Run(msgspec.Struct):
    """A run whose changes are tried: the model is described, and levels are judged, once each."""

    snapshot: Snapshot
    subjects: list[tuple[Intent, Subject | str]] = msgspec.field(default_factory=list)
    judged: dict[tuple[int, ...], bool] = msgspec.field(default_factory=dict)

    def bench(self, intent: Intent) -> Bench | None:
        """Return what knobs are made from, or None where memory or machine are not known."""
        environment = self.snapshot.environment
        subject = self.subject(intent)
        if subject is None or isinstance(subject, str):
            return None
        sizing = size_of(subject, intent, environment)
        if isinstance(sizing, str) or sizing.fit is Fit.NOT_KNOWN:
            return None
        devices = devices_of(intent, environment)
        return Bench(
            intent=intent,
            engine=intent.engine or "transformers",
            subject=subject,
            settings=resolve(intent, subject.sizes, environment, devices.total),
            sizing=sizing,
            devices=devices,
            capability=_capability(self.snapshot, intent),
            most_context=_most_context(subject, intent),
        )

    def subject(self, intent: Intent) -> Subject | str | None:
        """Return the model as an intent loads it."""
        model = model_of(self.snapshot)
        if model is None:
            return None
        asked = replace(intent, **_UNCHANGED_BY)
        for known, subject in self.subjects:
            if known == asked:
                return subject
        subject = describe(model, intent, self.snapshot.environment)
        self.subjects.append((asked, subject))
        return subject

    def works(self, intent: Intent) -> bool:
        """Say whether a run fits with its error bar, and contradicts nothing that is judged here.

        Quantizing at load and offloading at once is not taken for granted: engines combine them in
        few versions.
        """
        if intent.quantization and intent.cpu_offload_bytes:
            return False
        bench = self.bench(intent)
        return bench is not None and why_not(bench) is None and bench.sizing.fit is Fit.FITS

    def fits(self, intent: Intent, levels: Sequence[Level]) -> bool:
        """Say whether an intent works once it is changed by levels."""
        key = tuple(map(id, levels))
        if key not in self.judged:
            self.judged[key] = self.works(
                reduce(lambda one, level: level.turn(one), levels, intent)
            )
        return self.judged[key]


_UNCHANGED_BY: Final[Mapping[str, Any]] = {
    "command": None,
    "arguments": (),
    "unread": (),
    "parallel": Parallel(),
    "devices": None,
    "context": None,
    "sequences": None,
    "batched_tokens": None,
    "kv_cache_dtype": None,
    "gpu_memory_share": None,
    "cpu_offload_bytes": None,
    "gpu_layers": None,
    "cuda_graphs": None,
}
"""What of an intent changes nothing of how the model is described."""


def _capability(snapshot: Snapshot, intent: Intent) -> float | None:
    if snapshot.environment is None:
        return None
    found = []
    for one in visible(snapshot.environment, intent):
        try:
            found.append(float(one.compute_capability or ""))
        except ValueError:
            return None
    return min(found, default=None)


def _most_context(subject: Subject, intent: Intent) -> int | None:
    """Return the positions that the model has, None where scaling may stretch them."""
    if intent.rope_scaling or subject.sizes.rope or intent.engine not in ("vllm", "sglang"):
        return None
    return subject.sizes.positions


def why_not(bench: Bench) -> str | None:
    """Return in one sentence why a run does not work, or None where it does."""
    settings = bench.settings
    if not bench.intent.trains and bench.devices.count:
        if not divides(bench, settings.tensor):
            return f"The model cannot be cut into {settings.tensor} equal parts."
        wanted = settings.tensor * settings.pipeline
        if bench.engine in SERVERS:
            wanted = ranks_of(bench.intent)
        if wanted > bench.devices.count and not takes_other_machines(bench.intent):
            there = bench.devices.count
            seen = f"{there} {'is' if there == 1 else 'are'} visible"
            return f"The command wants {counted(wanted, 'device')}, and {seen}."
    if not bench.intent.trains:
        asked, most = settings.asked_context or 0, bench.most_context
        if most is not None and asked > most:
            return f"A context of {asked:,} is longer than the {most:,} positions of the model."
    for place in bench.sizing.places:
        if place.fit in (Fit.TOO_LARGE, Fit.TIGHT):
            return _of_place(place)
    peak, device = bench.sizing.loading_peak, bench.sizing.device
    if peak is not None and device is not None and peak > (device.limit or peak):
        return (
            f"Weights are loaded whole before they are rounded: {shown(peak)} of {device.name}, "
            f"and {shown(device.limit or 0)} are there."
        )
    left = left_over(bench.sizing)
    if left and bench.engine in FILLING:
        weights = bench.sizing.weights.likely
        return f"About {shown(left)} of {shown(weights)} of weights are left to main memory."
    free, total, share = bench.devices.free, bench.devices.total, settings.share
    if bench.engine == "vllm" and share and free is not None and total and share * total > free:
        return f"{shown(share * total)} of a device are to be taken, and {shown(free)} are free."
    return None


def _of_place(place: Place) -> str:
    word = "takes at least" if place.fit is Fit.TOO_LARGE else "may take"
    amount = place.needed.low if place.fit is Fit.TOO_LARGE else place.needed.high
    return (
        f"The run {word} {shown(amount)} of {place.name}, and {shown(place.limit or 0)} are there."
    )
