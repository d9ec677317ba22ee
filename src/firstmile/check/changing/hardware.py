"""The hardware that a command as it stands would fit on."""

from typing import Final

from msgspec.structs import replace

from firstmile.check.changing.knobs import Bench
from firstmile.check.changing.serving import divides
from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
from firstmile.check.memory import Fit
from firstmile.check.memory.estimate import size_of
from firstmile.check.training_sizes import generated_by
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot

CARDS: Final = (16, 24, 32, 40, 48, 80, 96, 141, 192, 288)
"""Sizes in GiB in which accelerators are sold."""
COUNTS: Final = (1, 2, 4, 8, 16, 32, 64, 128)


def hardware_for(snapshot: Snapshot, intent: Intent, bench: Bench) -> str:
    """Return in one sentence what hardware the command as it stands would fit on."""
    environment = snapshot.environment
    device = bench.sizing.device
    length = intent.training.max_length if intent.training is not None else None
    generated = generated_by(intent)
    if generated is not None:
        length = generated.tokens if generated.said else None
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
            if count < bench.sizing.devices:
                continue
            spread = replace(intent.parallel, processes=count)
        elif bench.engine not in ("vllm", "sglang") and count > 1:
            continue
        gpus = tuple(replace(one, index=place, memory_used_bytes=0) for place in range(count))
        there = replace(environment, gpus=gpus)
        trial = replace(intent, parallel=spread, devices=None)
        sizing = size_of(bench.subject, trial, there)
        if not isinstance(sizing, str) and sizing.device and sizing.device.fit is Fit.FITS:
            return f"It fits on {counted(count, 'device')} like this {one.name}."
    each = device.needed.high / (bench.settings.share or 1.0) / GIB
    card = next((size for size in CARDS if size * 0.98 >= each), None)
    if card is not None:
        return f"It fits on a device of {card} GiB."
    return f"It wants {shown(device.needed.high)} of device memory in all{over}."
