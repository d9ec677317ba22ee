"""A study whose files are damaged: one sentence at the start or on the page, never a traceback."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable

import pytest

from firstmile.errors import UserError
from firstmile.study.folder import StudyFolder
from firstmile.ui import cli
from firstmile.ui.web.browsing import explorer_data
from firstmile.ui.web.site import Site
from firstmile.ui.web.standing import refresh_index
from ui.web.served import Served, sent
from ui.web.studies import url_of

Serve = Callable[..., Served]
PAGE = "archive/github+acme+engine/00000001.jsonl.gz"
INDEX = "store/index.sqlite"
PARQUET = "store/acme+engine.parquet"
CUTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "a page": lambda data: data[:4096],
    "almost whole": lambda data: data[:-7],
    "another file": lambda data: b"garbage\x00" * 2000,
}


def damage(folder: StudyFolder, file: str, how: str) -> None:
    path = folder.path / file
    path.write_bytes(CUTS[how](path.read_bytes()))


def killed_after_work(folder: StudyFolder) -> None:
    """Leave the files as a server leaves them that worked and was killed: with SQLite's logs."""
    kept = folder.path.with_name("kept")
    site = Site(folder)
    refresh_index(site)
    site.decisions.note("opened", {}, at="2026-01-01T00:00:00Z")
    shutil.copytree(folder.path, kept)
    site.close()
    shutil.rmtree(folder.path)
    kept.rename(folder.path)
    assert list(folder.path.glob("*-wal"))


def ends_with_one_sentence(folder: StudyFolder, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the sentence that `firstmile serve` ends with."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", str(folder.path), "--port", "0"])
    said = capsys.readouterr().err
    assert ended.value.code == 2, said
    last = said.splitlines()[-1]
    assert "Traceback" not in said
    assert last.startswith("firstmile: ")
    return last


@pytest.mark.parametrize(
    ("file", "how", "advice"),
    [
        (PAGE, "empty", "put a copy of it back"),
        (PARQUET, "half", "delete the study's store folder"),
        ("decisions.sqlite", "half", "put a copy of"),
        ("decisions.sqlite", "another file", "put a copy of"),
    ],
)
def test_serve_ends_with_what_to_do(
    to_label: StudyFolder, file: str, how: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_after_work(to_label)
    damage(to_label, file, how)
    assert advice in ends_with_one_sentence(to_label, capsys)


def test_archive_cut_short_is_told_when_the_store_must_be_made_of_it(
    to_label: StudyFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(to_label, PAGE, "almost whole")
    (to_label.path / "store" / "manifest.json").unlink()
    assert "put a copy of it back" in ends_with_one_sentence(to_label, capsys)


@pytest.mark.parametrize("how", list(CUTS))
def test_damaged_index_is_made_again_or_told(to_label: StudyFolder, how: str) -> None:
    killed_after_work(to_label)
    damage(to_label, INDEX, how)
    site = Site(to_label)
    try:
        refresh_index(site)
        assert explorer_data(site, {"words": "memory"})
    except UserError as error:
        assert "delete the study's store folder" in str(error)  # noqa: PT017 - some damage is read all the same
    finally:
        site.close()


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("database or disk is full", "since the disk is full: free some space"),
        ("attempt to write a readonly database", "make the study's store folder and its files"),
        ("database is locked", "Another process holds"),
        ("disk I/O error", "free some space where the disk is full, else end the server"),
    ],
)
def test_sound_index_that_cannot_be_written_is_not_said_to_be_damaged(
    to_label: StudyFolder, capsys: pytest.CaptureFixture[str], why: str, said: str
) -> None:
    killed_after_work(to_label)
    with contextlib.closing(sqlite3.connect(to_label.path / INDEX)) as index:
        index.execute("UPDATE issues SET place = ''")
        index.execute(
            "CREATE TRIGGER stop BEFORE UPDATE OF place ON issues "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )
        index.commit()
    assert said in ends_with_one_sentence(to_label, capsys)


@pytest.mark.parametrize("how", list(CUTS))
def test_index_damaged_under_the_server_is_told_on_the_page(
    to_label: StudyFolder, serve: Serve, how: str
) -> None:
    served = serve(to_label)
    with served.client("ada") as client:
        assert client.get("/issues").status_code == 200
        damage(to_label, INDEX, how)
        served.site.index.close()
        answer = client.get("/issues?words=memory")
        assert answer.status_code in (200, 503)
        assert "Traceback" not in answer.text
        assert answer.status_code == 200 or "delete the study's store folder" in answer.text


@pytest.mark.parametrize("how", list(CUTS))
def test_store_damaged_under_the_server_is_told_on_the_page(
    to_label: StudyFolder, serve: Serve, how: str
) -> None:
    with serve(to_label).client("ada") as client:
        assert client.get("/label").status_code == 200
        damage(to_label, PARQUET, how)
        answer = client.get("/issues/acme/engine/7")
        assert answer.status_code == 503
        assert "delete the study's store folder" in answer.text


@pytest.mark.parametrize("how", ["empty", "half", "another file"])
def test_decisions_damaged_under_the_server_are_told_on_the_page(
    to_label: StudyFolder, serve: Serve, how: str
) -> None:
    """SQLite may still hold what it has read; but no answer is a traceback or a lie."""
    with serve(to_label).client("ada") as client:
        path = to_label.path / "decisions.sqlite"
        for part in (path, path.with_name(path.name + "-wal")):
            part.write_bytes(CUTS[how](part.read_bytes()))
        for answer in (
            client.get("/label"),
            client.post("/label", json=sent(url_of(1), {"cannot_tell": ["symptom"]})),
        ):
            assert "Traceback" not in answer.text
            assert "broke" not in answer.text
            assert answer.status_code in (200, 400, 503)


def test_store_cut_anywhere_is_a_sentence(to_label: StudyFolder) -> None:
    to_label.store.refresh(to_label.archive)
    path = to_label.path / PARQUET
    whole = path.read_bytes()
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match="delete the study's store folder"):
            to_label.store.issue(url_of(3))


def test_store_with_a_column_under_another_name_is_a_sentence(to_label: StudyFolder) -> None:
    to_label.store.refresh(to_label.archive)
    path = to_label.path / PARQUET
    path.write_bytes(path.read_bytes().replace(b"missing_comments", b"missing_commentz"))
    with pytest.raises(UserError, match="delete the study's store folder"):
        list(to_label.store.issues())
    with pytest.raises(UserError, match="delete the study's store folder"):
        to_label.store.issue(url_of(3))
