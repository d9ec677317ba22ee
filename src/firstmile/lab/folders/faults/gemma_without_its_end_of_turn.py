"""The generation config of a Gemma model lost the end of a turn from its list."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import runs_to_its_limit
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gemma-3",
    sees=("end-of-turn-does-not-stop-the-answer",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Keep the end of a text alone."""
    with edited(folder / "generation_config.json") as held:
        held["eos_token_id"] = 1


def provoke(bench: Workbench) -> None:
    """Generate with a model that would end its turn."""
    runs_to_its_limit(bench, "<end_of_turn>")
