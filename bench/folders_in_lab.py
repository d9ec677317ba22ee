"""Make the seeded folders in the lab's environment, damaged and whole, and run none of them.

    python bench/folders_in_lab.py STORE

STORE/whole/BASE and STORE/damaged/FAULT are then model folders.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from firstmile.lab.folders.bases import BASES
from firstmile.lab.folders.fault import MODEL, find_folder_faults
from firstmile.lab.folders.server import make_apart
from firstmile.lab.fork_server import SETTINGS


def main(store: Path) -> None:
    """Make the healthy folders, and a damaged copy for every fault that lies in files."""
    os.environ.update(SETTINGS, HF_HOME=str(store / "home"), HF_HUB_OFFLINE="1")
    made = store / "made"
    made.mkdir()
    make_apart(made)
    for base in BASES:
        _link(store / "whole" / base, made / base / MODEL)
    failed = {}
    for name, seeded in find_folder_faults().items():
        if seeded.damage is None or seeded.fault.base is None:
            continue
        copy = store / "copies" / name
        shutil.copytree(made / seeded.fault.base, copy, symlinks=True)
        try:
            seeded.damage(copy / MODEL)
        except Exception as error:
            failed[name] = repr(error)
            continue
        _link(store / "damaged" / name, copy / MODEL)
    sys.stdout.write(json.dumps({"failed": failed}) + "\n")


def _link(place: Path, to: Path) -> None:
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(to)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
