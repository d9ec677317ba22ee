"""A folder with more files than are listed is no model where none lies at its top."""

from pathlib import Path

import pytest

from firstmile.check.examining import check
from firstmile.errors import UserError
from firstmile.facts.model_folder import listed_files, source
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


def many(folder: Path, count: int) -> None:
    for place in range(count // 100):
        (folder / f"d{place}").mkdir()
        for number in range(100):
            (folder / f"d{place}" / f"{number}.txt").touch()


def test_of_a_folder_without_a_model_at_its_top_fewer_files_are_listed(tmp_path: Path) -> None:
    many(tmp_path, 600)
    found = Source(tmp_path)
    assert len(found.paths()) == 600
    assert not found.cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "MOST_BELOW", 50)
        fewer = Source(tmp_path)
        assert len(fewer.paths()) == 50
        assert fewer.cut
        (tmp_path / "config.json").write_text("{}")
        assert len(Source(tmp_path).paths()) == 601


def test_only_the_outermost_files_and_those_of_weights_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_files, "MOST_OPENED", 2)
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("z.json", "a/y.json", "a/b/x.json", "a/b/w.bin"):
        (tmp_path / name).write_text("{}")
    listed = listed_files.list_files(Source(tmp_path))
    assert {one.path: one.looks for one in listed} == {
        "z.json": "json",
        "a/y.json": "json",
        "a/b/x.json": "other",
        "a/b/w.bin": "json",
    }
    assert {one.size_bytes for one in listed} == {2}


def test_folders_of_the_kernel_are_left_out_of_the_root_alone(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "config.json").write_text("{}")
    assert Source(tmp_path).paths() == ("proc/config.json",)
    assert not any(path.startswith("proc/") for path in Source(Path("/")).paths())
