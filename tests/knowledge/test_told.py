"""What answers tell of entries and cases is what their files say, and is told from them if not."""

import os
import shutil
from pathlib import Path

import pytest

from firstmile.knowledge import told
from firstmile.knowledge.cases import load_case, load_cases
from firstmile.knowledge.entries import PACKAGED, LatePage, load_entries, read_entries
from firstmile.knowledge.indexing import told_text


@pytest.fixture
def casebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some cases in a folder of their own, with a file of what is told of them."""
    folder = tmp_path / "casebook"
    folder.mkdir()
    for case in sorted(told.CASEBOOK.iterdir())[:5]:
        shutil.copy(case, folder)
    file = tmp_path / "told.json"
    monkeypatch.setattr(told, "FILE", file)
    monkeypatch.setattr(told, "CASEBOOK", folder)
    file.write_text(told_text(PACKAGED, folder), encoding="utf-8")
    return folder


def test_the_file_that_comes_along_is_that_of_entries_and_casebook() -> None:
    """Where this fails, `make knowledge` writes it anew."""
    assert told.FILE.read_text(encoding="utf-8") == told_text(PACKAGED, told.CASEBOOK)


def test_what_is_told_of_cases_is_what_they_say() -> None:
    case_of = told.case_of_id()
    assert case_of is not load_case
    for case in load_cases():
        head = case_of(case.id)
        assert isinstance(head, told.CaseHead)
        assert [getattr(head, name) for name in told.CaseHead.__slots__] == [
            getattr(case, name) for name in told.CaseHead.__slots__
        ]


def test_what_is_told_of_entries_is_what_their_pages_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = [(entry.page.written_from, entry.page.fix) for entry in read_entries(PACKAGED)]
    entries = told.with_told(load_entries())
    with monkeypatch.context() as patched:
        patched.delattr(LatePage, "read")
        assert [(entry.written_from, entry.fix) for entry in entries] == pages
    assert entries == load_entries()
    assert entries[0].page == load_entries()[0].page


def test_entries_of_a_user_are_left_as_they_are(tmp_path: Path) -> None:
    shutil.copy(min(PACKAGED.iterdir()), tmp_path / "of-a-user.md")
    own = read_entries(tmp_path)
    assert told.with_told(own)[0].source is own[0].source


def test_a_case_that_was_changed_is_read(casebook: Path) -> None:
    assert told.case_of_id() is not load_case
    first = min(casebook.iterdir())
    later = told.FILE.stat().st_mtime + 3_600
    os.utime(first, (later, later))
    assert told.case_of_id() is load_case


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"cases": {}}'])
def test_without_a_sound_file_entries_and_cases_are_read(
    casebook: Path, content: str | None
) -> None:
    assert casebook.is_dir()
    if content is None:
        told.FILE.unlink()
    else:
        told.FILE.write_text(content, encoding="utf-8")
    entries = load_entries()
    assert told.case_of_id() is load_case
    assert all(
        one.source is other.source
        for one, other in zip(told.with_told(entries), entries, strict=True)
    )
