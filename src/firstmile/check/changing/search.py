"""The search for the change that loses least, and the proof that it works."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import combinations
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.check.changing.flags import FLAGS, Edit, edited, settings_of
from firstmile.check.changing.knobs import Bench, Knob, Level
from firstmile.check.changing.losses import WORDS, Loss
from firstmile.check.changing.serving import divides, serving_knobs
from firstmile.check.changing.training import training_knobs
from firstmile.check.command import Command, read_command
from firstmile.check.intent import Intent, Parallel
from firstmile.check.memory import Fit, Place, Sizing
from firstmile.check.memory.estimate import describe, size_of
from firstmile.check.memory.machine import devices_of
from firstmile.check.memory.settings import resolve, visible
from firstmile.check.memory.subject import Subject
from firstmile.check.model_sizes import model_of
from firstmile.check.ranks import SERVERS, ranks_of, takes_other_machines
from firstmile.check.running import judge_all
from firstmile.check.unit import Check
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding, Outcome

CARDS: Final = (16, 24, 32, 40, 48, 80, 96, 141, 192, 288)
"""Sizes in GiB in which accelerators are sold."""
ENOUGH: Final = 8192
"""Tokens of context that a conversation with a document wants."""
COUNTS: Final = (1, 2, 4, 8, 16, 32, 64, 128)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A changed command that fits: why the first did not, what is lost, what it then takes.

    `steps` are the changes in words, the gravest first; `edits` the flags that were set, and
    `settings` what of the command is new by them. `still_fails` are the checks that fail all the
    same, since no flag of these puts them right, `still_warns` those that warn.
    """

    command: str
    words: tuple[str, ...]
    because: str
    steps: tuple[str, ...]
    loses: tuple[str, ...]
    edits: tuple[Edit, ...]
    settings: tuple[str, ...]
    memory: Sizing
    still_fails: tuple[str, ...] = ()
    still_warns: tuple[str, ...] = ()


class NothingWorks(msgspec.Struct, frozen=True, kw_only=True):
    """No change of the command fits: why, and what hardware would."""

    because: str
    hardware: str
    memory: Sizing


class _Run(msgspec.Struct):
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


def smallest_change(
    snapshot: Snapshot,
    command: Command,
    checks: Iterable[Check] = (),
    *,
    failing: frozenset[str] | None = None,
) -> Change | NothingWorks | None:
    """Return the change that loses least, or what hardware would do; None where nothing is wrong.

    A change is returned only if the changed command, read again, fits with its error bar and
    makes no check fail that passed before; `failing` are those that fail as it stands, where that
    is known already. None also where memory or command are not known.
    """
    intent = read_command(command)
    if intent is None:
        return None
    run = _Run(snapshot)
    bench = run.bench(intent)
    wrong = None if bench is None else why_not(bench)
    if bench is None or wrong is None:
        return None
    if bench.engine in FLAGS:
        known = tuple(checks)
        before = failing
        if before is None:
            before = _of(judge_all(known, snapshot, intent), Outcome.FAIL)
        for levels in _solutions(run, bench):
            proven = _proven(run, command, bench, levels, wrong)
            if proven is None:
                continue
            found, changed = proven
            after = judge_all(known, snapshot, changed)
            fails = _of(after, Outcome.FAIL)
            if fails <= before:
                warns = _of(after, Outcome.WARN) - fails
                return replace(
                    found, still_fails=tuple(sorted(fails)), still_warns=tuple(sorted(warns))
                )
    return NothingWorks(
        because=wrong, hardware=hardware_for(run, intent, bench), memory=bench.sizing
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
        if bench.engine in SERVERS:
            wanted = ranks_of(bench.intent)
        if wanted > bench.devices.count and not takes_other_machines(bench.intent):
            return f"The command wants {wanted} devices, and {bench.devices.count} are visible."
    if not bench.intent.trains:
        asked, most = settings.asked_context or 0, bench.most_context
        if most is not None and asked > most:
            return f"A context of {asked:,} is longer than the {most:,} positions of the model."
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


def _solutions(run: _Run, bench: Bench) -> Iterable[list[Level]]:
    """Yield levels that fit, those that lose least first: one solution for each gravest loss.

    For each loss in turn all knobs are turned as far as that loss allows. Where that fits, as few
    of them as do are kept, and turned back as far as it goes on fitting.
    """
    knobs = knobs_of(bench)
    seen: list[list[Level]] = []
    for most in Loss:
        allowed = {
            knob.name: [level for level in knob.levels if level.loss <= most] for knob in knobs
        }
        for start in _starts({name: levels for name, levels in allowed.items() if levels}):
            if not run.fits(bench.intent, _levels(allowed, start)):
                continue
            chosen = _turned_back(run, bench, allowed, _fewest(run, bench, allowed, start))
            found = _levels(allowed, chosen)
            if found not in seen:
                seen.append(found)
                yield found
            break


def _starts(allowed: Mapping[str, list[Level]]) -> Iterable[dict[str, int]]:
    """Yield places from which levels are turned back: the furthest of each knob.

    A number of devices that cannot be is put right by the number nearest to it that works.
    """
    furthest = {name: len(levels) - 1 for name, levels in allowed.items()}
    devices = allowed.get("devices", [])
    if devices and devices[0].loss is Loss.CORRECTION:
        yield from ({**furthest, "devices": place} for place in range(len(devices)))
    elif furthest:
        yield furthest


def _fewest(
    run: _Run, bench: Bench, allowed: Mapping[str, list[Level]], start: dict[str, int]
) -> dict[str, int]:
    """Return the fewest knobs of a start that fit alone, those that lose least.

    Where it takes more than a few, those that lose little are left out one after the other, so
    that what is lost anyway makes up for them. A context is cut below what conversations want
    only where no other change helps.
    """
    within = {**start}
    if "context" in start:
        tokens = [int(level.edits[0].value or 0) for level in allowed["context"]]
        within["context"] = sum(each >= ENOUGH for each in tokens) - 1
    for places, counts in ((within, (1, 2, 3)), (start, (1, 2))):
        for count in counts:
            few = sorted(
                combinations(reversed(places), count),
                key=lambda names: sorted(allowed[name][start[name]].loss for name in names)[::-1],
            )
            for names in few:
                chosen = {name: place for name, place in places.items() if name in names}
                if run.fits(bench.intent, _levels(allowed, chosen)):
                    return chosen
    if not run.fits(bench.intent, _levels(allowed, within)):
        return start
    chosen = within
    for name in sorted(start, key=lambda name: allowed[name][start[name]].loss):
        trial = {other: place for other, place in chosen.items() if other != name}
        if run.fits(bench.intent, _levels(allowed, trial)):
            chosen = trial
    return chosen


def _turned_back(
    run: _Run, bench: Bench, allowed: Mapping[str, list[Level]], chosen: dict[str, int]
) -> dict[str, int]:
    """Return the mildest levels that still fit; knobs with the gravest are turned back first."""
    for name in sorted(chosen, key=lambda name: -allowed[name][chosen[name]].loss):
        for place in range(-1, chosen[name]):
            trial = {**chosen, name: place}
            if run.fits(bench.intent, _levels(allowed, trial)):
                chosen = trial
                break
    return chosen


def knobs_of(bench: Bench) -> list[Knob]:
    """Return the knobs that this engine has and that would change something."""
    make = training_knobs if bench.intent.trains else serving_knobs
    return [Knob(name=name, levels=tuple(levels)) for name, levels in make(bench) if levels]


def _levels(allowed: Mapping[str, list[Level]], chosen: Mapping[str, int]) -> list[Level]:
    return [allowed[name][place] for name, place in chosen.items() if place >= 0]


def _proven(
    run: _Run, command: Command, bench: Bench, levels: Sequence[Level], wrong: str
) -> tuple[Change, Intent] | None:
    """Return the change and its intent, once its command was read again and fits, else None."""
    edits = tuple(edit for level in levels for edit in level.edits)
    words = edited(command.words, edits, bench.engine)
    intent = read_command(replace(command, words=words))
    if intent is None or not run.works(intent):
        return None
    changed = run.bench(intent)
    if changed is None:
        return None
    ordered = sorted(levels, key=lambda level: -level.loss)
    losses = sorted({level.loss for level in levels}, reverse=True)
    change = Change(
        command=shlex.join(words),
        words=words,
        because=wrong,
        steps=tuple(level.words for level in ordered),
        loses=tuple(WORDS[loss] for loss in losses),
        edits=edits,
        settings=settings_of(edits, words, bench.engine),
        memory=changed.sizing,
    )
    return change, intent


def _of(findings: Iterable[Finding], outcome: Outcome) -> frozenset[str]:
    return frozenset(one.source for one in findings if one.outcome is outcome)


def hardware_for(run: _Run, intent: Intent, bench: Bench) -> str:
    """Return in one sentence what hardware the command as it stands would fit on."""
    environment = run.snapshot.environment
    device = bench.sizing.device
    length = intent.training.max_length if intent.training is not None else None
    over = f" for samples of up to {length:,} tokens" if length else ""
    if device is None or environment is None or not environment.gpus:
        return f"It wants {shown(bench.sizing.host.needed.high)} of main memory{over}."
    if device.fit is not Fit.TOO_LARGE and bench.sizing.host.fit is not Fit.FITS:
        return f"It wants {shown(bench.sizing.host.needed.high)} of main memory{over}."
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
        sizing = size_of(bench.subject, trial, there)
        if not isinstance(sizing, str) and sizing.device and sizing.device.fit is Fit.FITS:
            return f"It fits on {count} of {one.name}."
    each = device.needed.high / (bench.settings.share or 1.0) / GIB
    card = next((size for size in CARDS if size * 0.98 >= each), None)
    if card is not None:
        return f"It fits on a device of {card} GiB."
    return f"It wants {shown(device.needed.high)} of device memory in all{over}."
