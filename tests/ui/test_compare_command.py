"""`firstmile study compare`: a set that is compared with itself is told so."""

import csv
from collections.abc import Sequence
from pathlib import Path

from .command_line import Command

ROWS = [
    ("https://github.com/o/r/issues/1", "hang/generation", "api", "inference"),
    ("https://github.com/o/r/issues/3", "slow/inference", "environment", "inference"),
]


def written(path: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("issue", "symptom", "cause", "stage"), *rows])
    return path


def test_a_source_given_twice_is_refused_under_whatever_name(
    command: Command, tmp_path: Path
) -> None:
    path = written(tmp_path / "set.csv", ROWS)
    other = tmp_path / "link.csv"
    other.symlink_to(path)
    for first, second in ((path, path), (path, other), ("embedded", "embedded")):
        said = command.refused("study", "compare", first, second)
        assert "is given twice, and a set does not differ from itself" in said


def test_a_copy_of_a_set_is_said_to_hold_the_same(command: Command, tmp_path: Path) -> None:
    first = written(tmp_path / "first.csv", ROWS)
    second = written(tmp_path / "second.csv", ROWS[::-1])
    status, out = command("study", "compare", first, second)
    assert status == 0, command.err
    said = " ".join(out.split())
    assert "Both hold the same issues with the same labels, so nothing differs" in said
    assert "cannot be told apart" not in said


def test_a_set_whose_labels_changed_is_compared(command: Command, tmp_path: Path) -> None:
    first = written(tmp_path / "first.csv", ROWS)
    swapped = [(ROWS[0][0], *ROWS[1][1:]), (ROWS[1][0], *ROWS[0][1:])]
    status, out = command("study", "compare", first, written(tmp_path / "second.csv", swapped))
    assert (status, "Both hold the same" in out) == (0, False)
    assert "2 issues stand in both" in " ".join(out.split())
