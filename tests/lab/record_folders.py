"""Make, damage and provoke the seeded folders, keep what was read of them, and judge it.

python tests/lab/record_folders.py [ID ...]: needs the lab's environment (`make lab`). Ends with 1
where a fault is not found, a healthy folder fails, or a fault does not show when it is run.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from firstmile.facts.model_folder.reading import read_model
from firstmile.facts.saving import snapshot_text
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome
from firstmile.lab.folders import judging
from firstmile.lab.folders.fault import MODEL, find_folder_faults, find_healthy_folders
from firstmile.lab.recording import answers
from firstmile.rendering.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
KEPT = Path(__file__).with_name("folders")
PYTHON = ROOT / ".cache/lab/bin/python"
SERVER: Final = "firstmile.lab.folders.server"


def read_at(place: Path) -> Snapshot:
    """Read the folder `model` of a place, and its base, by paths that say nothing of a machine."""
    here = Path.cwd()
    os.chdir(place)
    try:
        model, base = read_model(Path(MODEL))
    finally:
        os.chdir(here)
    return Snapshot(model=model, base=base)


def keep(snapshot: Snapshot, file: Path) -> None:
    """Write what was read, where more than numbers has changed, or more tensors were sampled."""
    if file.exists():
        before = judging.unpacked(file)
        if essence(before) == essence(snapshot) and sampled(before) >= sampled(snapshot):
            return
    write_whole(file, judging.packed(snapshot))


def essence(snapshot: Snapshot) -> str:
    """Return a snapshot without numbers, which differ from training to training, and samples."""
    model = snapshot.model
    if model is not None:
        missing = tuple(each for each in model.not_known if each.what != "samples")
        model = replace(model, samples=(), not_known=missing)
    base = None if snapshot.base is None else replace(snapshot.base, samples=(), not_known=())
    return _NUMBER.sub("#", snapshot_text(replace(snapshot, model=model, base=base)))


def sampled(snapshot: Snapshot) -> int:
    """Return how many tensors were looked into: fewer on a busy machine."""
    models = [each for each in (snapshot.model, snapshot.base) if each is not None]
    return sum(len(each.samples) for each in models)


def run(ids: list[str]) -> tuple[int, int]:
    """Make and provoke; returns how many runs there were, and how many did not go as they must."""
    faults = find_folder_faults()
    wanted = [name for name in faults if not ids or name in ids]
    bases = sorted({one.base for one in find_healthy_folders().values() if one.base})
    damaged = {one.fault.base for one in faults.values() if one.fault.base}
    asked = [{"id": name, "kind": "fault"} for name in wanted]
    asked += [{"id": name, "kind": "base"} for name in bases if not ids or name in ids]
    count = wrong = 0
    with tempfile.TemporaryDirectory(prefix="folders-") as temporary:
        store = Path(temporary)
        for answer in answers(PYTHON, SERVER, store, asked, quiet=True):
            if "made" in answer:
                for base in sorted({*bases, *damaged}):
                    keep(read_at(store / base), judging.folder_of_base(KEPT, base))
                continue
            count += 1
            name, kind = answer["id"], answer["kind"]
            bad = answer["status"] != 0
            wrong += bad
            said = answer["output"].strip().splitlines()[-6 if bad else -1 :] or [""]
            told = "\n     ".join(said)
            sys.stdout.write(f"{'MISS' if bad else 'ok  '} {kind} {name}: {told}\n")
            place = store / "damaged" / name
            if kind == "fault" and faults[name].damage is not None and place.exists():
                file = judging.kept_at(KEPT, faults[name])
                assert file is not None
                keep(read_at(place), file)
    return count, wrong


def judge(ids: list[str]) -> tuple[int, int]:
    """Judge what was kept; returns how many faults were missed, and how many false alarms."""
    missed = alarms = 0
    for name, seeded in find_folder_faults().items():
        if ids and name not in ids:
            continue
        file = judging.kept_at(KEPT, seeded)
        seen = judging.seen_of_fault(seeded, judging.unpacked(file) if file else Snapshot())
        if not seen.is_found:
            missed += 1
            said = [each for each in seen.findings if each.source in seen.sees]
            sys.stdout.write(f"UNSEEN {name}: {'; '.join(seen.sees)}\n")
            sys.stdout.writelines(f"     {each.outcome}: {each.message}\n" for each in said)
    for name, healthy in find_healthy_folders().items():
        if (ids and name not in ids) or healthy.base is None:
            continue
        recorded = judging.unpacked(judging.folder_of_base(KEPT, healthy.base))
        seen = judging.seen_of_healthy(name, healthy, recorded)
        alarms += bool(seen.failing)
        for each in seen.failing:
            sys.stdout.write(f"ALARM  {name}: {each.source}: {each.message}\n")
        warned = [each.source for each in seen.findings if each.outcome is Outcome.WARN]
        if warned:
            sys.stdout.write(f"warns  {name}: {', '.join(warned)}\n")
    return missed, alarms


def main() -> int:
    """Run, keep, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--judge", action="store_true", help="judge what was kept, run nothing")
    options = parser.parse_args()
    began = time.monotonic()
    count, wrong = (0, 0) if options.judge else run(options.ids)
    missed, alarms = judge(options.ids)
    sys.stdout.write(
        f"{count} runs in {time.monotonic() - began:.0f} s, {wrong} not as expected; "
        f"{missed} faults unseen, {alarms} false alarms\n"
    )
    return int(bool(wrong or missed or alarms))


if __name__ == "__main__":
    sys.exit(main())
