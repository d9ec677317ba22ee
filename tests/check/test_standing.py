"""Findings stand at files that are there, by their paths from the working folder."""

from pathlib import Path

import pytest

from firstmile.check.checkup import Checkup, plain
from firstmile.check.examining import check
from firstmile.check.unit import load_check

BROKEN = '{"model_type": "llama", "vocab_size": 9, "eos_token_id": 99}'
ONE = "special-id-lies-outside-the-vocabulary"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model = tmp_path / "work" / "m" / "eos"
    model.mkdir(parents=True)
    (model / "config.json").write_text(BROKEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "work")
    return model


def _found(model: str | Path | None, command: str | None = None) -> Checkup:
    one = load_check(ONE)
    assert one is not None
    return check(model, command, checks=[one])


def test_a_file_of_the_model_is_told_from_the_working_folder(folder: Path) -> None:
    for model in ("m/eos", "./m/eos/", folder):
        found = _found(model)
        assert found.files == {"config.json": "m/eos/config.json"}
        assert plain(found)["files"] == [{"file": "config.json", "path": "m/eos/config.json"}]
        assert found.place == "m/eos/config.json"


def test_a_model_outside_of_the_working_folder_keeps_the_names_of_its_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder.parent.parent.parent / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    found = _found(folder)
    assert found.findings[0].evidence[0].file == "config.json"
    assert found.files == {}
    assert found.place == "."


def test_what_stands_in_no_file_stands_at_the_script_of_the_command() -> None:
    Path("train.py").write_text("print(1)", encoding="utf-8")
    assert _found(None, "python train.py").place == "train.py"
    assert _found(None, "python gone.py").place == "."
