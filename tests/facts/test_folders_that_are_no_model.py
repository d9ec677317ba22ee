"""A folder with more files than are listed is no model where none lies at its top."""

from pathlib import Path

import pytest

from firstmile.check.examining import check
from firstmile.errors import UserError
from firstmile.facts.model_folder import source
from firstmile.facts.model_folder.source import Source


@pytest.fixture
def few_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_FILES", 5)


def filled(folder: Path) -> None:
    for name in ("a", "b", "c"):
        (folder / name).mkdir()
        for number in range(4):
            (folder / name / f"{number}.txt").write_text("x")


@pytest.mark.usefixtures("few_are_listed")
def test_files_at_the_top_are_listed_before_those_below(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "zz.txt").write_text("x")
    found = Source(tmp_path)
    assert "zz.txt" in found.paths()
    assert found.cut


@pytest.mark.usefixtures("few_are_listed")
def test_a_large_folder_without_a_model_is_none(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(UserError, match="holds no model"):
        check(tmp_path)
