"""The search for the change that loses least, and the proof that it works."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import combinations
from typing import Final

from msgspec.structs import replace

from firstmile.check.changing.answers import Change, NothingWorks, in_its_file
from firstmile.check.changing.corrections import corrections, settings_in
from firstmile.check.changing.flags import FLAGS, Edit, edited, settings_of
from firstmile.check.changing.hardware import hardware_for
from firstmile.check.changing.knobs import Bench, Knob, Level
from firstmile.check.changing.losses import WORDS, Loss
from firstmile.check.changing.serving import serving_knobs
from firstmile.check.changing.training import training_knobs
from firstmile.check.changing.trying import Run, why_not
from firstmile.check.command import Command, read_command
from firstmile.check.intent import Intent
from firstmile.check.memory import Sizing
from firstmile.check.memory.left_over import left_over
from firstmile.check.running import judge_all
from firstmile.check.unit import Check
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding, Outcome

ENOUGH: Final = 8192
"""Tokens of context that a conversation with a document wants."""


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
    is known already. None also where memory or command are not known, and where an engine leaves
    layers to the processor whatever is changed: that runs.
    """
    intent = read_command(command)
    if intent is None:
        return None
    run = Run(snapshot)
    bench = run.bench(intent)
    wrong = None if bench is None else why_not(bench)
    if bench is None or wrong is None:
        return None
    unsaid: list[Level] = []
    if bench.engine in FLAGS:
        known = tuple(checks)
        before = failing
        if before is None:
            before = _of(judge_all(known, snapshot, intent), Outcome.FAIL)
        for levels in _solutions(run, bench):
            proven = _proven(run, command, bench, levels, wrong)
            if proven is None:
                unsaid = unsaid or levels
                continue
            found, changed = proven
            after = judge_all(known, snapshot, changed)
            fails = _of(after, Outcome.FAIL)
            if fails <= before:
                found, after = _corrected(run, known, command, bench, found, after)
                found, after = _agreeing(run, known, command, bench, found, after)
                fails = _of(after, Outcome.FAIL)
                warns = _of(after, Outcome.WARN) - fails
                return replace(
                    found, still_fails=tuple(sorted(fails)), still_warns=tuple(sorted(warns))
                )
    if not unsaid and left_over(bench.sizing):
        return None
    if unsaid and _is_deaf(command, bench, unsaid):
        told = in_its_file(bench, unsaid, wrong)
        turned = reduce(lambda one, level: level.turn(one), unsaid, bench.intent)
        after = judge_all(tuple(checks), snapshot, turned)
        fails = _of(after, Outcome.FAIL)
        warns = _of(after, Outcome.WARN) - fails
        return replace(told, still_fails=tuple(sorted(fails)), still_warns=tuple(sorted(warns)))
    return NothingWorks(
        because=wrong, hardware=hardware_for(run.snapshot, intent, bench), memory=bench.sizing
    )


def _solutions(run: Run, bench: Bench) -> Iterable[list[Level]]:
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
            few = _fewest(run, bench, allowed, start)
            chosen = _turned_back(run, bench, allowed, few)
            if bench.intent.trains or bench.engine == "llama.cpp":
                chosen = _milder(run, bench, allowed, start, chosen)
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
    run: Run, bench: Bench, allowed: Mapping[str, list[Level]], start: dict[str, int]
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
    run: Run, bench: Bench, allowed: Mapping[str, list[Level]], chosen: dict[str, int]
) -> dict[str, int]:
    """Return the mildest levels that still fit; knobs with the gravest are turned back first."""
    for name in sorted(chosen, key=lambda name: -allowed[name][chosen[name]].loss):
        for place in range(-1, chosen[name]):
            trial = {**chosen, name: place}
            if run.fits(bench.intent, _levels(allowed, trial)):
                chosen = trial
                break
    return chosen


def _milder(
    run: Run,
    bench: Bench,
    allowed: Mapping[str, list[Level]],
    start: Mapping[str, int],
    chosen: dict[str, int],
) -> dict[str, int]:
    """Return levels of which the grave ones are as mild as those that only cost time allow.

    The fewest changes of a training may cut samples to a sixteenth, where half would do with a
    smaller batch and more steps, and llama.cpp would keep one layer on the device for the sake of
    a context that nobody asked for.
    """
    mild = Loss.SOME_SPEED if bench.intent.trains else Loss.MUCH_PRECISION_OF_WEIGHTS
    for name in sorted(chosen, key=lambda name: -allowed[name][chosen[name]].loss):
        if chosen[name] < 1 or allowed[name][chosen[name]].loss <= mild:
            continue
        cheap = {
            other: max(places)
            for other in start
            if other not in chosen
            and (places := [n for n, one in enumerate(allowed[other]) if _is_cheap(other, one)])
        }
        for place in range(chosen[name]):
            trial = {**chosen, **cheap, name: place}
            if not run.fits(bench.intent, _levels(allowed, trial)):
                continue
            for other in sorted(cheap, key=lambda other: -allowed[other][cheap[other]].loss):
                without = {each: level for each, level in trial.items() if each != other}
                if run.fits(bench.intent, _levels(allowed, without)):
                    trial = without
            return _turned_back(run, bench, allowed, trial)
    return chosen


def _is_cheap(knob: str, level: Level) -> bool:
    """Say whether a level costs no more than time, or a context that is long enough anyway."""
    if knob == "context" and level.loss is Loss.CONTEXT_NOBODY_ASKED_FOR:
        return int(level.edits[0].value or 0) >= ENOUGH
    return level.loss <= Loss.SOME_SPEED


def knobs_of(bench: Bench) -> list[Knob]:
    """Return the knobs that this engine has and that would change something."""
    make = training_knobs if bench.intent.trains else serving_knobs
    return [Knob(name=name, levels=tuple(levels)) for name, levels in make(bench) if levels]


def _levels(allowed: Mapping[str, list[Level]], chosen: Mapping[str, int]) -> list[Level]:
    return [allowed[name][place] for name, place in chosen.items() if place >= 0]


def _proven(
    run: Run, command: Command, bench: Bench, levels: Sequence[Level], wrong: str
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


def _is_deaf(command: Command, bench: Bench, levels: Sequence[Level]) -> bool:
    """Say whether the command's words change nothing of the run, since a file says it all."""
    edits = [edit for level in levels for edit in level.edits]
    intent = read_command(replace(command, words=edited(command.words, edits, bench.engine)))
    return intent is None or _heard(intent) == _heard(bench.intent)


def _heard(intent: Intent) -> Intent:
    return replace(intent, command=None, arguments=(), unread=(), unknown=(), script_arguments=())


def _corrected(
    run: Run,
    checks: Sequence[Check],
    command: Command,
    bench: Bench,
    change: Change,
    findings: tuple[Finding, ...],
) -> tuple[Change, tuple[Finding, ...]]:
    """Return a change with what remedies of other checks set, where that puts these right.

    Whoever copies the changed command copies what else is wrong with it.
    """
    turned = {edit.flag for edit in change.edits}
    for edit in corrections(findings):
        if edit.flag in turned:
            continue
        tried = _with_further(run, checks, command, bench, change, (edit,))
        if tried is not None and _of(tried[1], Outcome.FAIL) < _of(findings, Outcome.FAIL):
            change, findings = tried
    return change, findings


def _agreeing(
    run: Run,
    checks: Sequence[Check],
    command: Command,
    bench: Bench,
    change: Change,
    findings: tuple[Finding, ...],
) -> tuple[Change, tuple[Finding, ...]]:
    """Return a change with what remedies set that are warned of only since the change.

    Weights that it loads in 4 bits want a number type that goes with that of the training.
    """
    told = [one for one in findings if one.outcome is Outcome.WARN and settings_in(one)]
    if not told:
        return change, findings
    before = _of(judge_all(checks, run.snapshot, bench.intent), Outcome.WARN)
    for one in told:
        edits = settings_in(one)
        if one.source in before or {edit.flag for edit in edits} & {
            edit.flag for edit in change.edits
        }:
            continue
        tried = _with_further(run, checks, command, bench, change, edits)
        if tried is None:
            continue
        fewer = _of(tried[1], Outcome.WARN) < _of(findings, Outcome.WARN)
        if fewer and _of(tried[1], Outcome.FAIL) <= _of(findings, Outcome.FAIL):
            change, findings = tried
    return change, findings


def _with_further(
    run: Run,
    checks: Sequence[Check],
    command: Command,
    bench: Bench,
    change: Change,
    edits: Sequence[Edit],
) -> tuple[Change, tuple[Finding, ...]] | None:
    """Return a change with further flags set and what is found then; None where it does not fit."""
    words = edited(change.words, edits, bench.engine)
    intent = read_command(replace(command, words=words))
    if intent is None or not run.works(intent):
        return None
    changed = run.bench(intent)
    if changed is None:
        return None
    further = _further(change, edits, words, bench.engine, changed.sizing)
    return further, judge_all(checks, run.snapshot, intent)


def _further(
    change: Change, edits: Sequence[Edit], words: tuple[str, ...], engine: str, memory: Sizing
) -> Change:
    """Return a change with further flags that were set."""
    all_edits = (*change.edits, *edits)
    said = {word.partition("=")[0] for word in change.words}
    steps = tuple(
        f"{'correct' if edit.flag in said else 'set'} {edit.flag} to {edit.value}" for edit in edits
    )
    return replace(
        change,
        command=shlex.join(words),
        words=words,
        steps=(*change.steps, *steps),
        edits=all_edits,
        settings=settings_of(all_edits, words, engine),
        memory=memory,
    )


def _of(findings: Iterable[Finding], outcome: Outcome) -> frozenset[str]:
    return frozenset(one.source for one in findings if one.outcome is outcome)
