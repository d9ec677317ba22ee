"""The search for the change that loses least, and the proof that it works."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from firstmile.check.changing.flags import FLAGS, Edit, edited
from firstmile.check.changing.knobs import Bench, Knob, Level
from firstmile.check.changing.losses import WORDS, Loss
from firstmile.check.changing.serving import divides, serving_knobs
from firstmile.check.changing.training import training_knobs
from firstmile.check.command import Command, read_command
from firstmile.check.intent import Intent, Parallel
from firstmile.check.memory import Fit, Place, Sizing, estimate
from firstmile.check.memory.amount import GIB, shown
from firstmile.check.memory.estimate import describe
from firstmile.check.memory.machine import devices_of
from firstmile.check.memory.settings import resolve, visible
from firstmile.check.memory.subject import Subject
from firstmile.check.model_sizes import model_of
from firstmile.check.running import judge_all
from firstmile.check.unit import Check
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

CARDS: Final = (16, 24, 32, 40, 48, 80, 96, 141, 192, 288)
"""Sizes in GiB in which accelerators are sold."""
COUNTS: Final = (1, 2, 4, 8, 16, 32, 64, 128)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A changed command that fits: why the first did not, what is lost, what it then takes.

    `steps` are the changes in words, the gravest first; `edits` the flags that were set.
    """

    command: str
    words: tuple[str, ...]
    because: str
    steps: tuple[str, ...]
    loses: tuple[str, ...]
    edits: tuple[Edit, ...]
    memory: Sizing


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingWorks:
    """No change of the command fits: why, and what hardware would."""

    because: str
    hardware: str
    memory: Sizing


def smallest_change(
    snapshot: Snapshot, command: Command, checks: Iterable[Check] = ()
) -> Change | NothingWorks | None:
    """Return the change that loses least, or what hardware would do; None where nothing is wrong.

    A change is returned only if the changed command, read again, fits with its error bar and
    makes no check fail that passed before. None also where memory or command are not known.
    """
    intent = read_command(command)
    if intent is None:
        return None
    bench = bench_of(snapshot, intent)
    if bench is None:
        return None
    wrong = why_not(bench)
    if wrong is None:
        return None
    if bench.engine in FLAGS:
        known = tuple(checks)
        before = _failing(known, snapshot, intent)
        for levels in _solutions(snapshot, bench):
            found = _proven(snapshot, command, bench, levels, wrong)
            if found is None:
                continue
            changed = read_command(replace(command, words=found.words))
            if changed is not None and _failing(known, snapshot, changed) <= before:
                return found
    return NothingWorks(
        because=wrong, hardware=hardware_for(snapshot, intent, bench), memory=bench.sizing
    )


def bench_of(snapshot: Snapshot, intent: Intent) -> Bench | None:
    """Return what knobs are made from, or None where memory or machine are not known."""
    sizing = estimate(snapshot, intent)
    model = model_of(snapshot)
    if isinstance(sizing, str) or model is None or sizing.fit is Fit.NOT_KNOWN:
        return None
    subject = describe(model, intent, snapshot.environment)
    if isinstance(subject, str):
        return None
    devices = devices_of(intent, snapshot.environment)
    return Bench(
        intent=intent,
        engine=intent.engine or "transformers",
        subject=subject,
        settings=resolve(intent, subject.sizes, snapshot.environment, devices.total),
        sizing=sizing,
        devices=devices,
        capability=_capability(snapshot, intent),
        most_context=_most_context(subject, intent),
    )


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
        if wanted > bench.devices.count and (bench.intent.parallel.nodes or 1) == 1:
            return f"The command wants {wanted} devices, and {bench.devices.count} are visible."
        if bench.most_context is not None and (settings.asked_context or 0) > bench.most_context:
            return (
                f"A context of {settings.context:,} is longer than the {bench.most_context:,} "
                "positions of the model."
            )
    for place in bench.sizing.places:
        if place.fit in (Fit.TOO_LARGE, Fit.TIGHT):
            return _of_place(place)
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


def _solutions(snapshot: Snapshot, bench: Bench) -> Iterable[list[Level]]:
    """Yield levels that fit, those that lose least first: one solution for each gravest loss.

    For each loss in turn all knobs are turned as far as that loss allows. Where that fits, knobs
    are turned back, those with the gravest levels first, as far as it goes on fitting.
    """
    knobs = knobs_of(bench)
    seen: list[list[Level]] = []
    for most in Loss:
        allowed = {
            knob.name: [level for level in knob.levels if level.loss <= most] for knob in knobs
        }
        chosen = {name: len(levels) - 1 for name, levels in allowed.items() if levels}
        if not chosen or not _fits(snapshot, bench, _levels(allowed, chosen)):
            continue
        order = sorted(chosen, key=lambda name: -allowed[name][-1].loss)
        for name in order:
            for place in range(-1, chosen[name]):
                trial = {**chosen, name: place}
                if _fits(snapshot, bench, _levels(allowed, trial)):
                    chosen = trial
                    break
        found = _levels(allowed, chosen)
        if found not in seen:
            seen.append(found)
            yield found


def knobs_of(bench: Bench) -> list[Knob]:
    """Return the knobs that this engine has and that would change something."""
    make = training_knobs if bench.intent.trains else serving_knobs
    return [Knob(name=name, levels=tuple(levels)) for name, levels in make(bench) if levels]


def _levels(allowed: dict[str, list[Level]], chosen: dict[str, int]) -> list[Level]:
    return [allowed[name][place] for name, place in chosen.items() if place >= 0]


def _fits(snapshot: Snapshot, bench: Bench, levels: Sequence[Level]) -> bool:
    intent = bench.intent
    for level in levels:
        intent = level.turn(intent)
    return works(snapshot, intent)


def works(snapshot: Snapshot, intent: Intent) -> bool:
    """Say whether a run fits with its error bar, and contradicts nothing that is judged here.

    Quantizing at load and offloading at once is not taken for granted: engines combine them in
    few versions.
    """
    if intent.quantization and intent.cpu_offload_bytes:
        return False
    bench = bench_of(snapshot, intent)
    return bench is not None and why_not(bench) is None and bench.sizing.fit is Fit.FITS


def _proven(
    snapshot: Snapshot, command: Command, bench: Bench, levels: Sequence[Level], wrong: str
) -> Change | None:
    """Return the change once its command was read again and judged to fit, else None."""
    edits = tuple(edit for level in levels for edit in level.edits)
    words = edited(command.words, edits, bench.engine)
    intent = read_command(replace(command, words=words))
    if intent is None or not works(snapshot, intent):
        return None
    sizing = estimate(snapshot, intent)
    if isinstance(sizing, str):
        return None
    ordered = sorted(levels, key=lambda level: -level.loss)
    losses = sorted({level.loss for level in levels}, reverse=True)
    return Change(
        command=shlex.join(words),
        words=words,
        because=wrong,
        steps=tuple(level.words for level in ordered),
        loses=tuple(WORDS[loss] for loss in losses),
        edits=edits,
        memory=sizing,
    )


def _failing(checks: Sequence[Check], snapshot: Snapshot, intent: Intent) -> set[str]:
    found = judge_all(checks, snapshot, intent)
    return {one.source for one in found if one.outcome is Outcome.FAIL}


def hardware_for(snapshot: Snapshot, intent: Intent, bench: Bench) -> str:
    """Return in one sentence what hardware the command as it stands would fit on."""
    environment = snapshot.environment
    device = bench.sizing.device
    if device is None or environment is None or not environment.gpus:
        return f"It wants {shown(bench.sizing.host.needed.high)} of main memory."
    if device.fit is not Fit.TOO_LARGE and bench.sizing.host.fit is not Fit.FITS:
        return f"It wants {shown(bench.sizing.host.needed.high)} of main memory."
    one = environment.gpus[0]
    for count in COUNTS:
        if not intent.trains and not divides(bench, min(count, 8)):
            continue
        spread = Parallel(tensor=min(count, 8), pipeline=max(count // 8, 1))
        if intent.trains:
            spread = replace(intent.parallel, processes=count)
        elif bench.engine not in ("vllm", "sglang") and count > 1:
            continue
        gpus = tuple(replace(one, index=place, memory_used_bytes=0) for place in range(count))
        there = replace(environment, gpus=gpus)
        trial = replace(intent, parallel=spread, devices=None)
        if _device_fits(replace(snapshot, environment=there), trial):
            return f"It fits on {count} of {one.name}."
    each = device.needed.high / (bench.settings.share or 1.0) / GIB
    card = next((size for size in CARDS if size * 0.98 >= each), None)
    if card is not None:
        return f"It fits on a device of {card} GiB."
    return f"It wants {shown(device.needed.high)} of device memory in all."


def _device_fits(snapshot: Snapshot, intent: Intent) -> bool:
    sizing = estimate(snapshot, intent)
    return (
        not isinstance(sizing, str) and sizing.device is not None and sizing.device.fit is Fit.FITS
    )
