"""What killed processes had begun to write is removed by the next that writes there."""

import os
import time
from pathlib import Path

from firstmile.rendering.files import MARKER, whole_folder
from firstmile.study.folder import StudyFolder
from ui.web import studies

LONG_AGO = time.time() - 7_200


def aged(path: Path) -> Path:
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def begun(folder: Path, name: str) -> Path:
    """Return a file as a process leaves it that is killed while it writes."""
    path = folder / f".{name}.0123abcd.part"
    path.write_text("half a thread")
    return path


def test_a_study_is_rid_of_what_was_begun_in_it(tmp_path: Path) -> None:
    study = studies.make(tmp_path / "study", studies.REPORTS[:1])
    (pages,) = (one for one in (study.path / "archive").iterdir() if one.is_dir())
    old = [aged(begun(place, "screen.json")) for place in (study.path, study.path / "store", pages)]
    young = begun(study.path / "store", "ranking.json")
    other = study.path / ".notes.part"
    other.write_text("somebody's own")
    aged(other)
    with StudyFolder.open(study.path).lock():
        pass
    assert not any(one.exists() for one in old)
    assert young.exists()
    assert other.exists()


def test_a_report_is_rid_of_what_was_begun_of_it_alone(tmp_path: Path) -> None:
    own, another = tmp_path / ".report.0123abcd.part", tmp_path / ".other.0123abcd.part"
    for folder in (own, another):
        folder.mkdir()
        (folder / "page.html").write_text("half")
        aged(folder)
    for _ in range(2):
        with whole_folder(tmp_path / "report") as building:
            (building / MARKER).write_text("{}")
    assert not own.exists()
    assert another.exists()
