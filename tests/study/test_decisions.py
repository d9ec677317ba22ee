"""Decisions are appended, never changed, and each is recorded once."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import (
    Decision,
    Decisions,
    LabelValue,
    ScreenValue,
    Step,
    label_of,
    screen_of,
)

ISSUE = "https://github.com/owner/name/issues/1"
IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[Decisions]:
    with Decisions(tmp_path / "decisions.sqlite") as opened:
        yield opened


def screen(
    decisions: Decisions, value: ScreenValue | None, key: str, *, rater: str = "ada"
) -> Decision:
    return decisions.append(
        ISSUE, Step.SCREEN, rater, value, codebook="1.0.0", at="2026-01-01T00:00:00Z", key=key
    )


def test_the_latest_decision_of_each_rater_counts(decisions: Decisions) -> None:
    screen(decisions, IN, "1")
    screen(decisions, OUT, "2")
    screen(decisions, IN, "3", rater="ben")
    assert [(d.rater, screen_of(d)) for d in decisions.current(Step.SCREEN)] == [
        ("ada", OUT),
        ("ben", IN),
    ]
    assert len(decisions.history(issue=ISSUE)) == 3


def test_a_withdrawn_decision_stays_on_record_but_does_not_count(decisions: Decisions) -> None:
    screen(decisions, IN, "1")
    screen(decisions, None, "2")
    assert decisions.current(Step.SCREEN) == []
    assert [d.value for d in decisions.history()] == [
        {"include": True, "reason": None, "note": ""},
        None,
    ]


def test_the_first_decision_is_the_one_before_any_discussion(decisions: Decisions) -> None:
    screen(decisions, OUT, "1")
    screen(decisions, None, "2")
    screen(decisions, IN, "3")
    screen(decisions, OUT, "4")
    assert [screen_of(d) for d in decisions.first(Step.SCREEN)] == [IN]


def test_sending_a_decision_twice_records_it_once(decisions: Decisions) -> None:
    first = screen(decisions, IN, "same")
    again = screen(decisions, OUT, "same")
    assert first == again
    assert len(decisions.history()) == 1


def test_labels_come_back_as_given(decisions: Decisions) -> None:
    value = LabelValue(
        symptom="hang", cause="hardware", stage="inference", quote="stuck\n\u202e", cannot_tell=()
    )
    made = decisions.append(
        ISSUE, Step.LABEL, "ada", value, codebook="1", at="2026-01-01T00:00:00Z", key="k", round=1
    )
    assert label_of(made) == value
    assert made.round == 1


@pytest.mark.parametrize("table", ["decisions", "events"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET at = 'x'", "DELETE FROM {}"])
def test_nothing_on_record_can_be_changed(
    decisions: Decisions, tmp_path: Path, table: str, sql: str
) -> None:
    screen(decisions, IN, "1")
    decisions.note("frozen", {"n": 1}, at="2026-01-01T00:00:00Z")
    other = sqlite3.connect(tmp_path / "decisions.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        other.execute(sql.format(table))
    other.close()


def test_events_come_back_in_order(decisions: Decisions) -> None:
    decisions.note("round", {"n": 1}, at="a")
    decisions.note("frozen", {}, at="b")
    decisions.note("round", {"n": 2}, at="c")
    assert [event.data for event in decisions.events("round")] == [{"n": 1}, {"n": 2}]
    assert len(decisions.events()) == 3


def test_several_threads_record_everything_once(decisions: Decisions) -> None:
    def record(rater: str) -> None:
        for number in range(40):
            screen(decisions, IN, f"{rater}{number // 2}", rater=rater)

    threads = [threading.Thread(target=record, args=(name,)) for name in ("ada", "ben", "cem")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decisions.history()) == 60


def test_a_decision_is_there_after_its_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from firstmile.study.decisions import Decisions, ScreenValue, Step\n"
        "d = Decisions(Path(sys.argv[1]))\n"
        "d.append('u', Step.SCREEN, 'ada', ScreenValue(include=True), codebook='1', "
        "at='t', key='k')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "decisions.sqlite"
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)
    assert ended.returncode == -9
    with Decisions(path) as decisions:
        assert [d.key for d in decisions.history()] == ["k"]


def test_a_decision_is_flushed_to_the_disk_before_it_counts(decisions: Decisions) -> None:
    """A killed process cannot show this, only a machine that loses its power could."""
    (mode,) = decisions._connection.execute("PRAGMA synchronous").fetchone()
    (journal,) = decisions._connection.execute("PRAGMA journal_mode").fetchone()
    assert (mode, journal) == (2, "wal")


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "decisions.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(UserError, match="is damaged"):
        Decisions(path)


def test_a_full_disk_is_one_sentence_and_records_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.sqlite"
    with Decisions(path) as decisions:
        screen(decisions, IN, "1")
        decisions._connection.execute("PRAGMA max_page_count = 1")
        big = LabelValue(note="x" * 5_000_000)
        with pytest.raises(UserError, match="disk is full"):
            decisions.append(ISSUE, Step.LABEL, "ada", big, codebook="1", at="t", key="2")
        assert [d.key for d in decisions.history()] == ["1"]


def modes(folder: Path) -> set[tuple[str, int]]:
    return {(path.name, path.stat().st_mode & 0o777) for path in folder.iterdir()}


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Let the files of this process be readable by all unless it says otherwise."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_can_read_what_raters_said(tmp_path: Path, open_umask: None) -> None:
    with Decisions(tmp_path / "decisions.sqlite") as decisions:
        screen(decisions, IN, "1")
        found = modes(tmp_path)
    assert {name for name, _mode in found} >= {"decisions.sqlite", "decisions.sqlite-wal"}
    assert {mode for _name, mode in found} == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_that_all_could_read_is_kept_to_its_owner_when_it_is_opened(
    tmp_path: Path, open_umask: None
) -> None:
    path = tmp_path / "decisions.sqlite"
    program = (
        "import os, sys; from pathlib import Path\n"
        "from firstmile.study.decisions import Decisions, ScreenValue, Step\n"
        "d = Decisions(Path(sys.argv[1]))\n"
        "d.append('u', Step.SCREEN, 'ada', ScreenValue(include=True), codebook='1', "
        "at='t', key='k')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)
    assert path.with_name("decisions.sqlite-wal").exists()
    for left in tmp_path.iterdir():
        left.chmod(0o644)
    with Decisions(path) as decisions:
        assert [d.key for d in decisions.history()] == ["k"]
        assert {mode for _name, mode in modes(tmp_path)} == {0o600}


def test_a_block_is_recorded_as_a_whole_or_not_at_all(decisions: Decisions, tmp_path: Path) -> None:
    with contextlib.suppress(KeyboardInterrupt), decisions.together():
        decisions.note("first", {}, at="t")
        assert [event.name for event in decisions.events()] == ["first"]
        raise KeyboardInterrupt
    assert decisions.events() == []
    with decisions.together():
        decisions.note("first", {}, at="t")
        screen(decisions, IN, "1")
        with Decisions(tmp_path / "decisions.sqlite") as other:
            assert other.events() == []
    with Decisions(tmp_path / "decisions.sqlite") as other:
        assert [event.name for event in other.events()] == ["first"]
        assert [one.key for one in other.history()] == ["1"]


def test_nobody_records_anything_while_a_block_is_recorded(
    decisions: Decisions, tmp_path: Path
) -> None:
    with Decisions(tmp_path / "decisions.sqlite") as other:
        writers = [
            threading.Thread(target=screen, args=(one, IN, key))
            for one, key in ((decisions, "thread"), (other, "process"))
        ]
        with decisions.together():
            before = decisions.history()
            for writer in writers:
                writer.start()
            time.sleep(0.2)
            assert decisions.history() == before
            screen(decisions, IN, "block")
        for writer in writers:
            writer.join()
        assert {one.key for one in other.history()} == {"block", "thread", "process"}
        assert other.history()[0].key == "block"


def test_a_block_that_ends_after_a_refusal_leaves_the_file_open_to_others(
    decisions: Decisions,
) -> None:
    with pytest.raises(UserError), decisions.together():
        raise UserError("No.")
    with decisions.together():
        screen(decisions, IN, "1")
    assert len(decisions.history()) == 1


def test_a_look_at_one_moment_keeps_nobody_from_deciding_and_does_not_see_it(
    decisions: Decisions, tmp_path: Path
) -> None:
    screen(decisions, IN, "1")
    with decisions.as_of_now(), Decisions(tmp_path / "decisions.sqlite") as other:
        screen(other, IN, "2", rater="ben")
        assert [one.rater for one in decisions.history()] == ["ada"]
    assert [one.rater for one in decisions.history()] == ["ada", "ben"]
    screen(decisions, OUT, "3")
