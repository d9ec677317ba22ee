"""What checks of memory have in common: a sizing or the reason for none, and what proves it."""

from typing import Final

from firstmile.check.changing.flags import ANSWERS, FLAGS
from firstmile.check.intent import Intent
from firstmile.check.memory.amount import Amount
from firstmile.check.memory.estimate import estimate
from firstmile.check.memory.settings import FILLING, POOLED
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    CACHE,
    CONTEXT,
    LOGITS,
    MEASURED_ON_GPU,
    NOT_MEASURED,
    WEIGHTS,
    Fit,
    Place,
    Sizing,
    fit_of,
)
from firstmile.check.memory.smaller_files import smaller_file
from firstmile.check.training_sizes import generated_by
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.facts.sizes import shown, shown_range
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence

SHORTEST: Final = 512
"""Tokens of context below which none is proposed."""
_IN_4_BITS: Final = 0.35
"""What weights of 16 bits come to in 4 bits, with the parts that stay whole."""


def sized(snapshot: Snapshot, intent: Intent) -> Sizing | Verdict:
    """Return the memory of the run, or the verdict that says why it is not judged."""
    if intent.action is None and intent.engine is None:
        return does_not_apply("no command says what is to be run")
    found = estimate(snapshot, intent)
    return not_known(found) if isinstance(found, str) else found


def on_device(found: Sizing) -> Place | Verdict:
    """Return the fullest device, or the verdict that says why there is none to judge."""
    if found.device is None:
        return does_not_apply("the run uses no accelerator")
    if found.device.limit is None:
        return not_known("the memory of the accelerators")
    return found.device


def in_main_memory(found: Sizing) -> Place | Verdict:
    """Return main memory, or the verdict that says that its size is not known."""
    return found.host if found.host.limit is not None else not_known("the size of main memory")


def proof(place: Place, *names: str) -> tuple[Evidence, ...]:
    """Quote the parts of a place, all or some of them, and what the run may take of it."""
    parts = [part for part in place.parts if not names or part.name in names]
    ordered = sorted(parts, key=lambda part: -part.amount.likely)
    told = ", ".join(
        f"{part.name} {shown(part.amount.likely)}" for part in ordered if part.amount.likely >= 1
    )
    note = f", {NOT_MEASURED}" if place.is_gpu and not MEASURED_ON_GPU else ""
    total = f" of {shown(place.total)}" if place.total else ""
    return (
        seen(f"needed on {place.name}{note}: {told}"),
        seen(f"for the run on {place.name}: {shown(place.limit or 0)}{total}"),
    )


def hold(
    what: str, needed: Amount, limit: float, where: str, *evidence: Evidence, remedy: str
) -> Verdict:
    """Hold an amount with its error bar against a limit, and say which way it goes.

    It fails where even the lower bound is too much, and is warned of where the upper one is: then
    with the same figures as the memory of the report has.
    """
    fit = fit_of(needed, limit)
    if fit is Fit.TOO_LARGE:
        return failed(
            f"{what} at least {shown(needed.low)} of {where}, and there are {shown(limit)}.",
            *evidence,
            remedy=remedy,
        )
    if fit is Fit.TIGHT:
        return warned(
            f"{what} {shown_range(needed.low, needed.likely, needed.high)} of {where}, "
            f"and there are {shown(limit)}.",
            *evidence,
            remedy=remedy,
        )
    return passed(
        f"{what} {shown(needed.high)} of {where} at most, and there are {shown(limit)}.", *evidence
    )


def flag(intent: Intent, name: str) -> str | None:
    """Return the flag by which the run's engine knows something, or None."""
    if name == "length" and generated_by(intent) is not None:
        return ANSWERS
    said = FLAGS.get(intent.engine or "transformers", {}).get(name)
    return said.split()[0] if said else None


def fewer_bytes(intent: Intent, found: Sizing, place: Place) -> str:
    """Return how weights get smaller on a device, by the flags of the engine.

    Devices that the machine does not have are named as such, and rounding only where it helps.
    """
    held = place.of(WEIGHTS, CONTEXT).likely / max(place.limit or 1, 1)
    size = 1 << (max(int(held + 1), 2) * max(found.devices, 1) - 1).bit_length()
    fits = found.scheme is None and _IN_4_BITS * held < 1
    if intent.engine in FILLING:
        return (
            f"Leave layers to the processor (--n-gpu-layers), or take {smaller_file(found, place)}."
        )
    cut, packed = flag(intent, "tensor"), flag(intent, "quantization")
    if cut is not None and (found.there is None or size <= found.there):
        quantized = f"a quantized model ({packed} fp8 where the device has it, or 4 bits)"
        return f"Spread it over {size} devices ({cut} {size})" + (
            f", or load {quantized}." if fits else ", or take a smaller model."
        )
    there = "" if found.there is None else f"; this machine has {found.there}"
    if cut is not None:
        what = "Load a checkpoint in 4 bits" if fits else "Take a smaller model"
        return f"{what}. As it is, its weights want {size} devices of this size{there}."
    if (found.there or 2) > 1:
        return 'Load it over all devices (device_map="auto")' + (
            ", or in 4 bits (load_in_4bit)." if fits else ", or take a smaller model."
        )
    if fits:
        return "Load it in 4 bits (load_in_4bit)."
    return 'Take a smaller model, or leave a part of it in main memory (device_map="auto").'


def less_main_memory(intent: Intent, found: Sizing, place: Place) -> str:
    """Return what makes a run take less of main memory, by the flags of the engine."""
    larger = f"a machine with {shown(place.needed.high)} of main memory"
    if intent.trains and place.of(ACTIVATIONS, LOGITS).likely > place.needed.likely / 2:
        option = flag(intent, "length") or "the longest length of samples"
        return f"Cut samples at fewer tokens ({option}), or take fewer of them at a time."
    context, longest = flag(intent, "context"), found.longest or 0
    if context and longest >= SHORTEST and place.of(CACHE).likely > place.needed.likely / 3:
        return f"Ask for a context that fits: {context} {longest}."
    if intent.trains and found.device is None and (intent.parallel.processes or 1) > 1:
        return f"Start fewer processes, or take {larger}."
    if place.of(WEIGHTS).likely:
        return f"Take a quantized or smaller model, or {larger}."
    if intent.trains and (intent.parallel.processes or 1) > 1:
        return "Start fewer processes, or let one rank load (ZeRO 3, or FSDP's efficient loading)."
    if intent.engine in POOLED | FILLING:
        fewer = "Spread it over fewer devices, or take" if found.devices > 1 else "Take"
        return f"{fewer} {larger}."
    return 'Load onto the device piece by piece (device_map="auto"), and from safetensors.'
