"""A fine-tuning changed the head alone, and the config still ties it to the embedding."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("tied-head-differs-from-the-embedding",))


def damage(folder: Path) -> None:
    """Tie them in the config alone."""
    with edited(folder / "config.json") as config:
        config["tie_word_embeddings"] = True


def provoke(bench: Workbench) -> None:
    """Load it: the trained head is not used, or the tie is not."""
    model = load(bench)
    head, rows = model.get_output_embeddings().weight, model.get_input_embeddings().weight
    bench.say(f"one matrix for both: {head.data_ptr() == rows.data_ptr()}; config says tied")
