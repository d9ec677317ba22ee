"""A published folder takes the place of an earlier one, and of nothing else."""

import os
import resource
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.publishing import publish, published_files
from publishing.samples import dataset


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(out: Path) -> str:
    before = tree(out) if out.is_dir() else {}
    with pytest.raises(UserError) as told:
        publish(dataset(), out)
    assert (tree(out) if out.is_dir() else {}) == before
    assert not list(out.parent.glob(".*.part"))
    return str(told.value)


def test_an_earlier_published_folder_is_replaced_whole(tmp_path: Path) -> None:
    out = publish(dataset(), tmp_path / "out")
    publish(dataset(version="2.0.0", decisions=()), out)
    assert tree(out) == published_files(dataset(version="2.0.0", decisions=()))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_version_that_is_there_is_not_replaced_without_being_asked(tmp_path: Path) -> None:
    out = publish(dataset(version="1.4.2"), tmp_path / "out")
    before = tree(out)
    for version in ("1.4.2", "1.4.1", "0.9.0"):
        with pytest.raises(UserError) as told:
            publish(dataset(version=version, decisions=()), out)
        said = str(told.value)
        assert "holds version 1.4.2 already, published on 2026-04-01" in said
        assert "such as 1.5.0, or give --replace" in said
    assert tree(out) == before
    publish(dataset(version="1.4.2", decisions=()), out, replace=True)
    assert tree(out) == published_files(dataset(version="1.4.2", decisions=()))
    publish(dataset(version="1.10.0"), out)
    assert tree(out) == published_files(dataset(version="1.10.0"))


def test_publishing_again_with_nothing_new_leaves_it_as_it_was(tmp_path: Path) -> None:
    out = publish(dataset(), tmp_path / "out")
    when = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert publish(dataset(published=date(2026, 4, 2)), out) == out
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == when


def test_another_data_set_is_not_replaced_without_being_asked(tmp_path: Path) -> None:
    out = publish(dataset(name="Theirs"), tmp_path / "out")
    said = refused(out)
    assert 'holds the data set "Theirs", and this one is "A small study"' in said
    publish(dataset(), out, replace=True)
    assert tree(out) == published_files(dataset())


def test_a_file_that_was_changed_by_hand_is_not_lost(tmp_path: Path) -> None:
    out = publish(dataset(version="0.9.0"), tmp_path / "out")
    (out / "README.md").write_text("mine")
    assert '"README.md" in ' in refused(out)
    assert "was changed since it was published, which would be lost" in refused(out)
    publish(dataset(), out, replace=True)
    assert tree(out) == published_files(dataset())


def test_an_empty_folder_is_filled_and_missing_ones_are_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "empty", tmp_path / "a" / "b" / "c"):
        assert tree(publish(dataset(), out)) == published_files(dataset())


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert "holds something else than a published data set" in refused(tmp_path)


@pytest.mark.parametrize("text", ["{}", "[]", "no json", '{"format": "other"}', "[" * 5000])
def test_a_marker_that_is_not_ours_does_not_open_a_folder(text: str, tmp_path: Path) -> None:
    (tmp_path / "publication.json").write_text(text)
    assert "holds something else" in refused(tmp_path)


@pytest.mark.parametrize("name", ["notes.md", ".git/HEAD", "open-llm-failures/owner/mine.json"])
def test_a_published_folder_with_something_of_the_users_is_refused(
    name: str, tmp_path: Path
) -> None:
    out = publish(dataset(), tmp_path / "out")
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("mine")
    assert f'holds "{name}", which is not of the data set' in refused(out)


def test_a_published_folder_without_its_manifest_is_refused(tmp_path: Path) -> None:
    out = publish(dataset(), tmp_path / "out")
    (out / "SHA256SUMS").unlink()
    assert "which is not of the data set" in refused(out)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    assert "is a file" in refused(tmp_path / "out")


def test_the_current_folder_is_not_pulled_from_under_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = publish(dataset(), tmp_path / "out")
    monkeypatch.chdir(out)
    assert "in which you are" in refused(out)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="could not be written"):
        publish(dataset(), tmp_path / "file" / "out")


SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from publishing.samples import dataset
from firstmile.errors import UserError
from firstmile.study.publishing import publish
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    publish(dataset(version="3.0.0"), Path(sys.argv[1]))
except UserError as error:
    sys.exit(str(error))
"""


@pytest.mark.long
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on file sizes")
def test_a_full_disk_leaves_the_earlier_folder_as_it_was(tmp_path: Path) -> None:
    out = publish(dataset(), tmp_path / "out")
    tests = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(out), tests],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == f"The disk is full, so {out} was not written: free some space."
    assert tree(out) == published_files(dataset())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


ENDLESS = """
import sys
from datetime import date
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from publishing.samples import dataset
from firstmile.study.publishing import publish
datasets = [dataset(version=version) for version in ("1.0.0", "2.0.0")]
print("ready", flush=True)
while True:
    for one in datasets:
        publish(one, Path(sys.argv[1]), replace=True)
"""


def test_a_killed_publication_leaves_a_whole_folder_or_none(tmp_path: Path) -> None:
    whole = [published_files(dataset(version=version)) for version in ("1.0.0", "2.0.0")]
    out = tmp_path / "out"
    for after in (0.05, 0.13):
        started = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(out), str(Path(__file__).parent.parent)],
            stdout=subprocess.PIPE,
        )
        assert started.stdout is not None
        started.stdout.readline()
        try:
            started.wait(after)
        except subprocess.TimeoutExpired:
            os.kill(started.pid, signal.SIGKILL)
        started.wait()
        started.stdout.close()
        assert not out.exists() or tree(out) in whole


def test_what_a_killed_process_had_begun_to_write_is_removed_and_what_one_writes_now_stays(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    old, new, other = (
        tmp_path / name for name in (".out.0123abcd.part", ".out.89abcdef.part", ".out.mine.part")
    )
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "decisions.jsonl").write_text("a note")
    for folder in (old, other):
        os.utime(folder, (1, 1))
    publish(dataset(), out)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([other.name, new.name, "out"])
