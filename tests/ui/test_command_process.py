"""The command line as a process: extras, streams and rights that it lacks, and Ctrl-C."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pytest

from obeying_modes import obey_modes

from .sentences import FEW_FAILURES, is_one_sentence

RUN = (sys.executable, "-c", "from firstmile.ui.cli import main; main()")


def run(
    *arguments: str, without: str = "", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as if a package were not installed."""
    hidden = f"import sys; sys.modules[{without!r}] = None; " if without else ""
    return subprocess.run(
        [sys.executable, "-c", f"{hidden}from firstmile.ui.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def run_into(out: int | IO[str], arguments: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own that writes somewhere."""
    return subprocess.run(
        [*RUN, *arguments], stdout=out, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )


def test_help_needs_no_extra() -> None:
    said = run("study", "report", "--help", without="vl_convert")
    assert "--out" in said.stdout
    assert said.returncode == 0


@pytest.mark.parametrize("missing", ["vl_convert", "numpy", "msgspec", "pyarrow", "certifi"])
def test_a_missing_extra_is_one_sentence(tmp_path: Path, missing: str) -> None:
    said = run("study", "report", "--out", str(tmp_path / "report"), without=missing)
    assert said.returncode == 2
    assert said.stdout == ""
    assert is_one_sentence(said.stderr), said.stderr
    assert 'pip install "firstmile[study]"' in said.stderr
    assert missing in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_codebook_needs_no_extra() -> None:
    said = run("explain", "crash", without="numpy")
    assert said.returncode == 0
    assert said.stderr == ""


def test_the_codebook_starts_without_the_heavy_parts() -> None:
    code = (
        "import sys; from firstmile.ui.cli import main\n"
        "try: main(['explain', 'crash'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'pyarrow', 'jinja2', 'vl_convert', 'httpcore'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("arguments", [("taxonomy",), ("study", "schema"), ("--help",)], ids=str)
def test_a_reader_that_went_away_meets_no_traceback(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        said = run_into(writing, arguments)
    finally:
        os.close(writing)
    assert said.stderr == ""
    assert said.returncode not in (0, 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [("taxonomy",), ("--version",), ("--help",), ("study", "schema")], ids=str
)
def test_output_that_cannot_be_written_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        said = run_into(full, arguments)
    assert said.returncode == 2
    assert said.stderr == ("firstmile: The output could not be written: no space left on device.\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_output_that_was_closed_is_no_error() -> None:
    script = f"exec {shlex.join([*RUN, 'taxonomy'])} >&-"
    said = subprocess.run(
        ["sh", "-c", script], stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")


CLOSED = [
    (["report", "--out", "closed/x"], "closed/x"),
    (["report", "closed"], "closed"),
    (["report", "closed/set.csv"], "closed/set.csv"),
    (["compare", "embedded", "closed"], "closed"),
]
ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys, traceback
from firstmile.ui.cli import main
for arguments in json.loads(sys.argv[1]):
    said, status = io.StringIO(), 0
    with contextlib.redirect_stderr(said):
        try:
            main(["study", *arguments])
        except SystemExit as ended:
            status = ended.code
        except Exception:
            traceback.print_exc()
    print(json.dumps([status, said.getvalue()]))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str]]:
    """Run all that meets a closed folder in one process, since each would start for a second."""
    folder = tmp_path_factory.mktemp("open")
    closed = folder / "closed"
    closed.mkdir(mode=0o000)
    try:
        said = subprocess.run(
            [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps([each for each, _ in CLOSED])],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=obey_modes,
        )
    finally:
        closed.chmod(0o700)
    assert said.stderr == ""
    assert list(folder.iterdir()) == [closed]
    return [tuple(json.loads(line)) for line in said.stdout.splitlines()]


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has the prctl that takes rights from root"
)
@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_a_folder_that_may_not_be_entered_is_one_sentence(
    told: list[tuple[int, str]], case: tuple[list[str], str]
) -> None:
    status, said = told[CLOSED.index(case)]
    assert status == 2
    assert is_one_sentence(said), said
    assert f"{case[1]} c" in said
    assert "permission denied" in said


def test_ctrl_c_ends_with_130_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Interrupt a report once its folder is being filled."""
    failures = tmp_path / "set.csv"
    failures.write_text(FEW_FAILURES, encoding="utf-8")
    process = subprocess.Popen(
        [*RUN, "study", "report", str(failures), "--out", str(tmp_path / "report")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".report.*.part")):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.endswith("firstmile: stopped; nothing half-written was left.\n")
    assert out == ""
    assert list(tmp_path.iterdir()) == [failures]


def test_ctrl_c_before_anything_is_written_ends_with_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import firstmile.ui.cli as c, sys; print('ready', flush=True); c.main()",
            *("study", "report", "--out", str(tmp_path / "report")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "stopped" in err
    assert list(tmp_path.iterdir()) == []


BROKEN = """
from firstmile.ui import cli
def broken(arguments):
    raise KeyError("\\x1b[2Jlayers")
cli._run = broken
cli.main(["check"])
"""


def test_a_fault_of_our_own_is_one_sentence_and_says_nothing_of_the_run() -> None:
    command = [sys.executable, "-c", BROKEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("firstmile: This is a fault of firstmile (KeyError: ")
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr
    shown = os.environ | {"FIRSTMILE_TRACEBACK": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=shown
    )
    assert "Traceback (most recent call last)" in done.stderr
