"""What lies in a folder that a training goes on from."""

from pathlib import Path

from firstmile.check.intent import Checkpoint
from firstmile.check.resumed_checkpoint import read_checkpoint


def reader(path: str, most: int) -> bytes | None:
    """Return the start of a file as the command line does."""
    place = Path(path)
    return place.read_bytes()[:most] if place.is_file() else None


def test_the_known_files_of_a_checkpoint_are_found(tmp_path: Path) -> None:
    for name in ("trainer_state.json", "adapter_model.safetensors", "optimizer.pt", "notes.txt"):
        (tmp_path / name).write_text("x")
    for rank in range(3):
        (tmp_path / f"rng_state_{rank}.pth").write_text("x")
    found = read_checkpoint(str(tmp_path), reader)
    assert found.files == ("trainer_state.json", "adapter_model.safetensors", "optimizer.pt")
    assert found.processes == 3


def test_one_random_state_is_one_process(tmp_path: Path) -> None:
    (tmp_path / "rng_state.pth").write_text("x")
    assert read_checkpoint(str(tmp_path), reader).processes == 1


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    place = str(tmp_path / "none")
    assert read_checkpoint(place, reader) == Checkpoint(path=place)
