"""Run every fault and every healthy run of the lab, and write the logs that tests use.

python tests/lab/record.py [ID ...]: needs the lab's environments (`make lab`). A log is written
anew only where more than numbers has changed; `--all` writes every one.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firstmile.knowledge import Signatures, load_entries
from firstmile.lab.comparing import matches
from firstmile.lab.fault import CURRENT, OLDER, find_faults
from firstmile.lab.healthy import NEEDS, find_healthy
from firstmile.lab.recording import Recorded, essence, record
from firstmile.rendering.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
MOST_MISSED = 0.05
"""A machine may not allow what a fault needs, such as a mount."""
LOGS = Path(__file__).with_name("logs")
PYTHONS = {
    CURRENT: ROOT / ".cache/lab/bin/python",
    OLDER: ROOT / ".cache/lab-4.46/bin/python",
}


def asked(ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return what to run in each environment."""
    wanted: dict[str, list[dict[str, Any]]] = {name: [] for name in PYTHONS}
    for name, seeded in find_faults().items():
        if not ids or name in ids:
            needs = list(seeded.fault.needs)
            seconds = seeded.fault.seconds
            each = {"id": name, "kind": "fault", "seconds": seconds, "needs": needs}
            wanted[seeded.fault.environment].append(each)
    for name in find_healthy():
        if not ids or name in ids:
            needs = list(NEEDS.get(name, ()))
            each = {"id": name, "kind": "healthy", "seconds": 60.0, "needs": needs}
            wanted[CURRENT].append(each)
    return wanted


def recorded(ids: list[str]) -> Iterator[Recorded]:
    """Run everything that was asked for."""
    for environment, runs in asked(ids).items():
        if runs:
            yield from record(PYTHONS[environment], runs)


def keep(one: Recorded, note: str, *, always: bool) -> bool:
    """Write a log where it has changed, and say whether it had."""
    folder = "failing" if one.kind == "fault" else "healthy"
    file = LOGS / folder / f"{one.id}.log"
    text = f"{note}\n\n{one.log}" if note else one.log
    if not always and file.exists() and essence(file.read_bytes().decode()) == essence(text):
        return False
    write_whole(file, text.encode())
    return True


def main() -> int:
    """Run, write, compare; ends with 1 at a false alarm or where too many faults go unknown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    signatures = Signatures(load_entries())
    faults = find_faults()
    started, missed, alarms, total = time.monotonic(), 0, 0, 0
    for one in recorded(options.ids):
        if one.missing:
            sys.stdout.write(f"skip {one.kind} {one.id}: needs {', '.join(one.missing)}\n")
            continue
        total += 1
        fault = faults[one.id].fault if one.kind == "fault" else None
        changed = keep(one, fault.note if fault else "", always=options.all)
        text = (f"{fault.note}\n\n" if fault and fault.note else "") + one.log
        found = matches(text, signatures)
        if fault:
            right = bool(found) and found[0].entry.id == fault.entry
        else:
            right = one.status == 0 and not any(match.decides for match in found)
        alarm = not fault and any(match.decides for match in found)
        alarms += alarm
        missed += not right and not alarm
        first = ", ".join(match.entry.id for match in found[:3]) or "no entry"
        sys.stdout.write(
            f"{'ok  ' if right else 'MISS'} {one.kind} {one.id} "
            f"({one.seconds:.1f} s, status {one.status}{', timed out' if one.timed_out else ''}"
            f"{', log changed' if changed else ''})" + ("\n" if right else f": {first}\n")
        )
        sys.stdout.flush()
    seconds = time.monotonic() - started
    sys.stdout.write(
        f"{total} runs in {seconds:.0f} s, {missed} not as expected, {alarms} false alarms\n"
    )
    return int(alarms > 0 or missed > MOST_MISSED * len(faults))


if __name__ == "__main__":
    sys.exit(main())
