"""`firstmile run` as a user has it: quiet where all is well, and helpful where it is not."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from firstmile.ui.latest import keep_latest, read_latest
from run.started import COMMAND, OnTerminal, piped, python, surroundings

TOKEN = "hf_" + "aBcDeFgHiJ" * 3 + "aBcD"


def report_in(said: bytes) -> Path:
    """Return the report that a message names."""
    return Path(said.decode().rpartition("Bug report, redacted: ")[2].splitlines()[0])


def test_a_healthy_run_adds_nothing(tmp_path: Path) -> None:
    done = piped(
        [*COMMAND, "--", "sh", "-c", "echo out; echo err >&2"], XDG_STATE_HOME=str(tmp_path)
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\n", b"err\n")
    with OnTerminal(
        [*COMMAND, "--", "echo", "out"], variables={"XDG_STATE_HOME": str(tmp_path)}
    ) as terminal:
        shown = terminal.to_the_end()
    assert (shown.returncode, shown.out) == (0, b"out\r\n")
    assert not list(tmp_path.iterdir())


def test_a_crash_is_told_after_it_and_reported(tmp_path: Path) -> None:
    code = f"import sys; print('begins', end=''); sys.stdout.flush(); raise ValueError('{TOKEN}')"
    done = piped([*COMMAND, "--", *python(code)], XDG_STATE_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, b"begins")
    assert b"firstmile: The command ended with exit status 1.\n" in done.stderr
    report = report_in(done.stderr)
    text = report.read_text(encoding="utf-8")
    assert report.is_relative_to(tmp_path)
    assert "ValueError" in text
    assert "Linux" in text
    assert TOKEN not in text


def test_a_run_that_says_nothing_has_no_answer_and_a_place_to_look(tmp_path: Path) -> None:
    done = piped([*COMMAND, "--", *python("import sys; sys.exit(3)")], XDG_STATE_HOME=str(tmp_path))
    assert done.returncode == 3
    assert b"\nNo answer: it wrote nothing.\n" in done.stderr
    assert b"Its log may be in a file" in done.stderr
    assert "No answer" not in report_in(done.stderr).read_text(encoding="utf-8")
    command = [*COMMAND, "--", "sh", "-c", "echo hi; exit 3"]
    spoke = piped(command, XDG_STATE_HOME=str(tmp_path))
    assert b"No answer: nothing in it says that something failed." in spoke.stderr
    assert b"firstmile diagnose FOLDER-OF-LOGS" in spoke.stderr


def test_a_kill_that_nothing_explains_is_one_and_says_how_to_look_for_the_kernels(
    tmp_path: Path,
) -> None:
    command = [*COMMAND, "--", *python("import os; os.kill(os.getpid(), 9)")]
    done = piped(command, XDG_STATE_HOME=str(tmp_path))
    assert done.returncode == -9
    assert b"sudo dmesg -T | grep" in done.stderr
    assert b"Process Killed" in done.stderr
    assert b"\nPerhaps  The process was killed" in done.stderr
    assert b"a job scheduler or a" in done.stderr
    told = report_in(done.stderr).read_text(encoding="utf-8")
    assert re.search(r"It ended after \d+\.\d s with SIGKILL, which a shell shows as 137\.", told)


def test_the_latest_diagnosis_is_that_of_the_run_even_where_there_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    keep_latest(
        {"symptoms": [], "causes": [], "stages": [], "classes": {}, "evidence": [], "entries": []},
        source="older.log",
    )
    assert read_latest()["kept"]["source"] == "older.log"
    piped([*COMMAND, "--", "sh", "-c", f"exit 3 # {TOKEN}"], XDG_STATE_HOME=str(tmp_path))
    latest = read_latest()
    assert latest["abstained_because"] == "the input is empty"
    assert latest["kept"]["source"].startswith("the run sh -c 'exit 3 # ")
    assert TOKEN not in latest["kept"]["source"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", latest["kept"]["at"])


def test_what_follows_an_unfinished_line_begins_a_new_one(tmp_path: Path) -> None:
    script = "printf 50%% >&2; exit 2"
    done = piped([*COMMAND, "--", "sh", "-c", script], XDG_STATE_HOME=str(tmp_path))
    assert done.stderr.startswith(b"50%\nfirstmile: ")


def test_the_report_goes_where_it_is_wanted(tmp_path: Path) -> None:
    wanted = tmp_path / "mine.md"
    done = piped([*COMMAND, "--report", str(wanted), "false"])
    assert done.returncode == 1
    assert f"Bug report, redacted: {wanted}\n".encode() in done.stderr
    assert wanted.read_text(encoding="utf-8").startswith("<!-- Written by firstmile ")


def test_a_report_that_cannot_be_written_changes_no_status(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    blocked.touch()
    done = piped([*COMMAND, "--", "sh", "-c", "exit 9"], XDG_STATE_HOME=str(blocked))
    assert done.returncode == 9
    assert b"The bug report could not be written" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_diagnosis_that_breaks_takes_neither_report_nor_status(tmp_path: Path) -> None:
    breaks = COMMAND[2].replace(
        "app = typer", "run_command.explained = lambda text, **_: text.no_such_thing; app = typer"
    )
    assert breaks != COMMAND[2]
    command = [*COMMAND[:2], breaks, "--", "sh", "-c", "exit 9"]
    done = piped(command, XDG_STATE_HOME=str(tmp_path))
    assert done.returncode == 9
    said = b"There is no diagnosis, since firstmile failed at it (AttributeError)."
    assert said in done.stderr
    assert report_in(done.stderr).is_file()


def test_a_status_is_kept_where_nobody_hears_what_we_say(tmp_path: Path) -> None:
    source, inner = os.pipe()
    os.close(source)
    with subprocess.Popen(
        [*COMMAND, "--", "sh", "-c", "exit 9"],
        stderr=inner,
        env=surroundings(XDG_STATE_HOME=str(tmp_path)),
    ) as process:
        os.close(inner)
    assert process.returncode == 9


def test_a_folder_that_is_not_there_is_said_before_the_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    report = tmp_path / "missing" / "x.md"
    done = piped([*COMMAND, "--report", str(report), "touch", str(marker)])
    assert done.returncode != 0
    assert not marker.exists()


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("no-such-command", 127, b"no-such-command was not found"),
        ("/etc/passwd", 126, b"/etc/passwd cannot be run: permission denied"),
        ("\x1b[2J", 127, b"\\x1b[2J was not found"),
    ],
)
def test_a_command_that_cannot_be_started_is_one_sentence(
    command: str, status: int, said: bytes
) -> None:
    done = piped([*COMMAND, "--", command])
    assert done.returncode == status
    assert done.stderr.startswith(b"firstmile: " + said)
    assert done.stderr.count(b"\n") == 1


def test_options_after_the_command_are_its_own(tmp_path: Path) -> None:
    done = piped([*COMMAND, "--hang-after", "60", "echo", "--help", "--report", "x"])
    assert done.stdout == b"--help --report x\n"


def test_ctrl_c_is_not_explained(tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(20)"
    state = {"XDG_STATE_HOME": str(tmp_path)}
    with OnTerminal([*COMMAND, "--", *python(code)], variables=state) as terminal:
        terminal.until(b"ready\r\n")
        terminal.type(b"\x03")
        shown = terminal.to_the_end()
    assert shown.returncode == -2
    assert b"firstmile" not in shown.out
    assert not list(tmp_path.iterdir())


def test_a_hang_that_the_user_ends_is_reported_with_what_was_seen(tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(25)"
    state = {"XDG_STATE_HOME": str(tmp_path)}
    with OnTerminal(
        [*COMMAND, "--hang-after", "0.5", "--", *python(code)], variables=state
    ) as terminal:
        terminal.until(b"No output and no work")
        terminal.type(b"\x03")
        shown = terminal.to_the_end()
    assert shown.returncode == -2
    assert b"firstmile: The command ended with SIGINT, which a shell shows as 130." in shown.out
    assert "No output and no work" in report_in(shown.out).read_text(encoding="utf-8")


def test_the_python_of_the_command_is_the_one_reported(tmp_path: Path) -> None:
    packages = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    (packages / "vllm-0.6.1.dist-info").mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    program = tmp_path / "env" / "bin" / "vllm"
    program.parent.mkdir()
    program.write_text(f"#!{program.parent}/python\n")
    program.chmod(0o755)
    (program.parent / "python").write_text("#!/bin/sh\nexit 3\n")
    (program.parent / "python").chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    done = piped([*COMMAND, "vllm", "serve"], XDG_STATE_HOME=str(tmp_path / "state"), PATH=path)
    text = report_in(done.stderr).read_text(encoding="utf-8")
    assert "### Your current environment" in text
    assert "vllm: 0.6.1" in text
