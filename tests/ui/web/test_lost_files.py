"""Something else in a file's place, and decisions that were lost: told, and never waited for."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.codebook_use import copy_codebook
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.ui.web.site import Site
from firstmile.ui.web.standing import refresh_index
from ui.web.served import Served
from ui.web.studies import REPORTS, make

Serve = Callable[..., Served]
FILES = (
    "study.toml",
    "key",
    DECISIONS,
    f"{DECISIONS}-wal",
    "store/manifest.json",
    "store/acme+engine.parquet",
    "store/index.sqlite",
    "store/ranking.json",
    "store/screen.json",
    "archive/github+acme+engine/00000001.jsonl.gz",
    "codebook/codebook.toml",
    "codebook/symptoms/loading.toml",
)
KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (os.mkfifo, "a named pipe"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    "folder": (Path.mkdir, "a folder"),
}


@pytest.fixture(autouse=True)
def nothing_is_waited_for() -> Iterator[None]:
    """Interrupt whatever would wait for ever, such as the opening of a pipe."""

    def interrupt(_number: int, _frame: object) -> None:
        raise AssertionError("waited for ever")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def put(path: Path, kind: str) -> str:
    """Put something else in a file's place; return how it is called."""
    path.unlink(missing_ok=True)
    KINDS[kind][0](path)
    return KINDS[kind][1]


def open_as_served(path: Path) -> None:
    folder = StudyFolder.open(path)
    with folder.lock():
        folder.store.refresh(folder.archive)
    site = Site(folder)
    try:
        refresh_index(site)
    finally:
        site.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", FILES)
def test_what_is_no_file_is_one_sentence(to_label: StudyFolder, file: str, kind: str) -> None:
    if file.startswith("codebook"):
        copy_codebook(to_label)
    said = put(to_label.path / file, kind)
    with pytest.raises(UserError) as told:
        open_as_served(to_label.path)
    assert f"{Path(file).name} is {said} where a plain file must be" in str(told.value)


@pytest.mark.parametrize("name", ["store", "archive"])
def test_file_in_the_place_of_a_folder_is_one_sentence(to_label: StudyFolder, name: str) -> None:
    shutil.rmtree(to_label.path / name)
    os.mkfifo(to_label.path / name)
    with pytest.raises(UserError, match="a named pipe where a folder must be"):
        open_as_served(to_label.path)


def test_lock_that_cannot_be_taken_is_one_sentence(to_label: StudyFolder) -> None:
    (to_label.path / ".lock").unlink(missing_ok=True)
    (to_label.path / ".lock").mkdir()
    with pytest.raises(UserError, match="keeps two processes apart, cannot be used"):
        open_as_served(to_label.path)


@pytest.mark.parametrize(
    "file", ["store/ranking.json", "store/acme+engine.parquet", "store/manifest.json"]
)
def test_pipe_put_under_the_server_is_told_and_gone_again(
    to_label: StudyFolder, serve: Serve, file: str
) -> None:
    path = to_label.path / file
    with serve(to_label).client("ada") as client:
        assert client.get("/label").status_code == 200
        kept = path.read_bytes() if path.exists() else None
        put(path, "pipe")
        for page in ("/label", "/issues", "/issues/acme/engine/7", "/"):
            answer = client.get(page)
            assert answer.status_code == 503
            assert f"{path.name} is a named pipe" in answer.text
        path.unlink()
        if kept is not None:
            path.write_bytes(kept)
        assert client.get("/label").status_code == 200


def cut(folder: StudyFolder) -> None:
    (folder.path / DECISIONS).write_bytes(b"")


def remove(folder: StudyFolder) -> None:
    (folder.path / DECISIONS).unlink()


@pytest.mark.parametrize(
    ("lose", "sign", "state"),
    [
        (cut, f"{DECISIONS}-wal", "empty"),
        (remove, f"{DECISIONS}-wal", "gone"),
        (cut, "published/manifest.json", "empty"),
        (remove, "published/manifest.json", "gone"),
        (cut, "store/ranking.json", "empty"),
    ],
)
def test_lost_decisions_are_not_taken_for_a_study_without_any(
    to_label: StudyFolder, lose: Callable[[StudyFolder], None], sign: str, state: str
) -> None:
    for ending in ("-wal", "-shm"):
        (to_label.path / f"{DECISIONS}{ending}").unlink(missing_ok=True)
    lose(to_label)
    (to_label.path / sign).parent.mkdir(exist_ok=True)
    (to_label.path / sign).write_text("[]")
    with pytest.raises(UserError, match=f"is {state}, but .* put a copy of it back"):
        open_as_served(to_label.path)
    assert (to_label.path / sign).exists()


@pytest.mark.parametrize("lose", [cut, remove])
def test_study_in_which_nothing_was_decided_is_served(
    tmp_path: Path, lose: Callable[[StudyFolder], None]
) -> None:
    folder = make(tmp_path / "study", REPORTS[:1])
    folder.decisions().close()
    lose(folder)
    open_as_served(folder.path)
