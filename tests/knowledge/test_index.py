"""The index stands for the entries' files while they are those it was made from, and only then."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.knowledge import entries, index
from firstmile.knowledge.entries import (
    PACKAGED,
    LatePage,
    load_entries,
    read_entries,
    read_entry,
)
from firstmile.knowledge.indexing import index_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Some entries in a folder of their own, with their index."""
    folder = tmp_path / "entries"
    folder.mkdir()
    for file in sorted(PACKAGED.iterdir())[:5]:
        shutil.copy(file, folder)
    file = tmp_path / "index.json"
    file.write_text(index_text(folder), encoding="utf-8")
    monkeypatch.setattr(index, "FILE", file)
    index.packaged_index.cache_clear()
    yield folder
    index.packaged_index.cache_clear()


def test_entries_of_the_index_are_those_of_the_files() -> None:
    whole = read_entries(PACKAGED)
    assert load_entries() == whole
    assert [entry.page for entry in load_entries()] == [entry.page for entry in whole]


def test_untouched_files_are_not_read(folder: Path) -> None:
    heads = index.heads_of(folder)
    assert heads is not None
    assert [head["id"] for head in heads] == [entry.id for entry in read_entries(folder)]


def test_only_the_page_that_is_asked_for_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "PACKAGED", folder)
    first, second, *_ = entries.load_entries.__wrapped__()
    Path(folder / f"{second.id}.md").unlink()
    assert first.fix == read_entry(first.id, (folder / f"{first.id}.md").read_text("utf-8")).fix
    with pytest.raises(UserError, match=f"entry {second.id}.md cannot be read"):
        assert second.fix


def test_another_folder_or_file_or_size_is_not_what_the_index_stands_for(folder: Path) -> None:
    first, second, *_ = sorted(folder.iterdir())
    first.write_bytes(first.read_bytes() + b"\n")
    assert index.heads_of(folder) is None
    first.write_bytes(first.read_bytes()[:-1])
    assert index.heads_of(folder) is not None
    second.rename(second.with_name("another-name.md"))
    assert index.heads_of(folder) is None
    assert index.heads_of(folder / "nowhere") is None


def test_a_file_that_was_changed_after_the_index_was_made_is_read(folder: Path) -> None:
    first = min(folder.iterdir())
    later = index.FILE.stat().st_mtime + 3_600
    os.utime(first, (later, later))
    assert index.heads_of(folder) is None


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"heads": [1]}'])
def test_without_a_sound_index_the_files_are_read(folder: Path, content: str | None) -> None:
    if content is None:
        index.FILE.unlink()
    else:
        index.FILE.write_text(content, encoding="utf-8")
    index.packaged_index.cache_clear()
    assert index.heads_of(folder) is None
    assert index.sound_patterns() == {}


def test_the_same_entries_give_the_same_index(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    for file in sorted(folder.iterdir(), reverse=True):
        shutil.copy(file, again)
    assert index_text(again) == index.FILE.read_text(encoding="utf-8")


def test_an_unsound_pattern_gets_no_index(folder: Path) -> None:
    file = min(folder.iterdir())
    text = file.read_text(encoding="utf-8").replace("pattern = '", "pattern = '(?=x)", 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=f"entry {file.stem} is no RE2 pattern"):
        index_text(folder)


def test_a_page_whose_file_is_gone_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read as text"):
        LatePage(tmp_path / "gone.md").read()
