"""The generation config states a temperature and greedy decoding, so it has no effect."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import written
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("sampling-settings-have-no-effect",))


def damage(folder: Path) -> None:
    """Switch sampling off."""
    with edited(folder / "generation_config.json") as held:
        held["do_sample"] = False


def provoke(bench: Workbench) -> None:
    """Generate twice: the same comes out."""
    assert written(bench) == written(bench)
    bench.say("the same answer twice")
