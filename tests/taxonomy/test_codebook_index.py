"""The codebook's index stands for its files while they are those it was made from."""

import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from firstmile.taxonomy import index
from firstmile.taxonomy.indexing import index_text
from firstmile.taxonomy.terms import packaged_taxonomy, read_taxonomy

PACKAGED = Path(str(files("firstmile.taxonomy") / "codebook"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The codebook in a folder of its own, with its index."""
    folder = tmp_path / "codebook"
    shutil.copytree(PACKAGED, folder)
    file = tmp_path / "codebook.json"
    file.write_text(index_text(folder), encoding="utf-8")
    monkeypatch.setattr(index, "FILE", file)
    return folder


def test_the_committed_index_is_that_of_the_files() -> None:
    assert index.FILE.read_text(encoding="utf-8") == index_text(PACKAGED)


def test_the_codebook_of_the_index_is_that_of_the_files() -> None:
    assert packaged_taxonomy.__wrapped__() == read_taxonomy(PACKAGED)


def test_untouched_files_are_not_read(folder: Path) -> None:
    assert index.indexed(folder) == read_taxonomy(folder)


def test_another_file_or_size_is_not_what_the_index_stands_for(folder: Path) -> None:
    first, second, *_ = sorted((folder / "causes").iterdir())
    first.write_bytes(first.read_bytes() + b"\n")
    assert index.indexed(folder) is None
    first.write_bytes(first.read_bytes()[:-1])
    assert index.indexed(folder) is not None
    second.rename(second.with_name("another.toml"))
    assert index.indexed(folder) is None
    assert index.indexed(folder / "nowhere") is None


def test_a_file_that_was_changed_later_is_read(folder: Path) -> None:
    made = index.FILE.stat().st_mtime
    os.utime(folder / "codebook.toml", (made + 3600, made + 3600))
    assert index.indexed(folder) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": "1", "files": {}, "terms": []}'])
def test_a_broken_index_is_as_none(folder: Path, text: str) -> None:
    index.FILE.write_text(text, encoding="utf-8")
    assert index.indexed(folder) is None
