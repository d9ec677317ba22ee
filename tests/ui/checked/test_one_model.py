"""`firstmile check MODEL` goes without what reads options, and says the same."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ui.command_line import Command

MAIN = "from firstmile.ui.cli import main\n"


def process(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def without_seconds(text: str) -> str:
    return re.sub(r"\d+\.\d+\s+s\.", "", " ".join(text.split()))


def test_it_says_what_it_says_with_an_option(model: Path, command: Command) -> None:
    status, out = command("check", model)
    again, same = command("check", model, "--fail-on", "fail")
    assert (status, without_seconds(out)) == (again, without_seconds(same))
    assert str(model) in out


def test_a_mistake_is_one_sentence_with_and_without_an_option(
    tmp_path: Path, command: Command
) -> None:
    missing = tmp_path / "missing"
    said = command.refused("check", missing)
    assert said == command.refused("check", missing, "--fail-on", "fail")


def test_what_reads_options_is_not_loaded(model: Path) -> None:
    code = f"{MAIN}import sys\ntry: main()\nfinally: print('typer' in sys.modules)"
    assert process(code, "check", str(model)).stdout.endswith("False\n")
    assert process(code, "check", str(model), "--all").stdout.endswith("True\n")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer that interrupts")
def test_ctrl_c_ends_it_with_130_and_one_sentence(model: Path) -> None:
    code = (
        f"{MAIN}import signal\nsignal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.03)\nmain()"
    )
    done = process(code, "check", str(model))
    assert done.returncode == 130
    assert done.stderr == "firstmile: stopped; nothing half-written was left.\n"
