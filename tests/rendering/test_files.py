"""Nothing is ever half-written."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.rendering.files import refuse_foreign, swap_folder, whole_folder, write_whole


def fill(folder: Path, work: Callable[[Path], object]) -> None:
    with whole_folder(folder) as building:
        work(building)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_file_is_written_with_the_line_ends_it_has(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.csv", "a\r\nb\n")
    assert (tmp_path / "a.csv").read_bytes() == b"a\r\nb\n"
    assert names(tmp_path) == {"a.csv"}


def test_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept").touch()
    with pytest.raises(UserError, match="could not be written"):
        write_whole(tmp_path / "a", b"x")
    assert names(tmp_path) == {"a"}
    assert names(tmp_path / "a") == {"kept"}


def test_what_is_no_plain_file_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="no plain file"):
        write_whole(pipe, "new")
    assert pipe.is_fifo()


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such file or directory"):
        write_whole(tmp_path / "missing" / "a", b"x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="disk is full"):
        fill(tmp_path / "report", lambda _: Path("/dev/full").write_bytes(b"x"))
    assert names(tmp_path) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_by_the_folder_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _file: Path("/dev/full").write_bytes(b"x"))
    target = tmp_path / "report"
    with pytest.raises(UserError) as caught:
        fill(target, lambda building: write_whole(building / "page.html", "x"))
    assert str(caught.value) == (f"The disk is full, so {target} was not written: free some space.")


def test_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "report"
    with whole_folder(target) as building:
        write_whole(building / "report.json", "{}")
        assert not target.exists()
    assert names(target) == {"report.json"}
    assert names(target.parent) == {"report"}


def test_earlier_report_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.mkdir()
    (target / "report.json").write_text("{}")
    (target / "stale").touch()
    with whole_folder(target) as building:
        write_whole(building / "report.json", "[]")
    assert names(target) == {"report.json"}
    assert names(tmp_path) == {"report"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_earlier_report_survives_any_failure(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "report"
    target.mkdir()
    (target / "report.json").write_text("old")

    def interrupted(building: Path) -> None:
        write_whole(building / "report.json", "new")
        raise error

    with pytest.raises(error):
        fill(target, interrupted)
    assert (target / "report.json").read_text() == "old"
    assert names(tmp_path) == {"report"}


def test_folders_made_on_the_way_are_removed_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), whole_folder(tmp_path / "a" / "b" / "report"):
        raise ValueError("stop")
    assert names(tmp_path) == set()


def test_folder_that_is_no_report_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "chapter.tex").touch()
    with pytest.raises(UserError, match="no earlier report"), whole_folder(target):
        pytest.fail("was entered")
    assert names(target) == {"chapter.tex"}


def test_empty_folder_is_used(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.mkdir()
    with whole_folder(target) as building:
        write_whole(building / "report.json", "{}")
    assert names(target) == {"report.json"}


def test_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report").touch()
    with pytest.raises(UserError, match="is a file"), whole_folder(tmp_path / "report"):
        pytest.fail("was entered")


def test_current_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="inside"), whole_folder(Path()):
        pytest.fail("was entered")


def test_report_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "report.json").write_text("old")
    (tmp_path / "link").symlink_to(real)
    with whole_folder(tmp_path / "link") as building:
        write_whole(building / "report.json", "new")
    assert (tmp_path / "link").is_symlink()
    assert (real / "report.json").read_text() == "new"
    assert names(tmp_path) == {"real", "link"}


def test_files_that_appear_meanwhile_are_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "report"

    def taken(_building: Path) -> None:
        target.mkdir()
        (target / "mine").touch()

    with pytest.raises(UserError, match="no earlier report"):
        fill(target, taken)
    assert names(target) == {"mine"}


def test_control_c_in_the_middle_leaves_the_earlier_report(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.mkdir()
    (target / "report.json").write_text("old")
    program = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from firstmile.rendering.files import refuse_foreign, swap_folder, whole_folder, write_whole
        with whole_folder(Path(sys.argv[1])) as building:
            write_whole(building / "report.json", "new")
            print("ready", flush=True)
            time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        start = time.monotonic()
        process.send_signal(2)
        process.wait(timeout=10)
    assert time.monotonic() - start < 10
    assert names(tmp_path) == {"report"}
    assert (target / "report.json").read_text() == "old"


def killed_between_renames(building: Path, target: Path) -> None:
    program = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from firstmile.rendering.files import swap_folder
        rename, done = Path.rename, []
        def killed(self, other):
            if done:
                os.kill(os.getpid(), 9)
            done.append(self)
            return rename(self, other)
        Path.rename = killed
        swap_folder(Path(sys.argv[1]), Path(sys.argv[2]))
        """
    )
    ended = subprocess.run([sys.executable, "-c", program, building, target], check=False)
    assert ended.returncode == -9
    assert not target.exists()


def old_and_new(folder: Path) -> tuple[Path, Path]:
    for name, content in (("report", "old"), (".report.part", "new")):
        (folder / name).mkdir()
        (folder / name / "report.json").write_text(content)
    return folder / ".report.part", folder / "report"


def test_a_folder_comes_back_after_a_kill_between_the_two_renames(tmp_path: Path) -> None:
    building, target = old_and_new(tmp_path)
    killed_between_renames(building, target)
    refuse_foreign(target)
    assert (target / "report.json").read_text() == "old"
    assert names(tmp_path) == {"report", ".report.part"}


def test_a_new_folder_takes_the_place_of_one_that_was_set_aside(tmp_path: Path) -> None:
    building, target = old_and_new(tmp_path)
    killed_between_renames(building, target)
    swap_folder(building, target)
    assert (target / "report.json").read_text() == "new"
    assert names(tmp_path) == {"report"}


def test_what_others_set_aside_stays(tmp_path: Path) -> None:
    building, target = old_and_new(tmp_path)
    (tmp_path / ".report.mine.old").mkdir()
    (tmp_path / ".other.01234567.old").mkdir()
    swap_folder(building, target)
    assert names(tmp_path) == {"report", ".report.mine.old", ".other.01234567.old"}
