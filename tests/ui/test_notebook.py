"""The IPython extension in a real IPython, where one is installed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not installed")

FAILS = 'raise RuntimeError("CUDA out of memory. Tried to allocate 2.32 GiB (GPU 0)")'


def cells(folder: Path, *lines: str) -> str:
    """Run cells one after the other in a terminal's IPython, and return what it shows."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='NoColor')\n"
        f"for cell in {list(lines)!r}:\n"
        "    shell.run_cell(cell)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"IPYTHONDIR": str(folder), "PATH": "", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_a_failed_cell_has_its_diagnosis_below_its_traceback(tmp_path: Path) -> None:
    shown = cells(tmp_path, "%load_ext firstmile", FAILS)
    traceback, _, below = shown.partition("What failed")
    assert "RuntimeError" in traceback
    assert "Out of Memory" in below
    assert "interactiveshell.py" not in below


def test_the_traceback_is_what_it_was(tmp_path: Path) -> None:
    bare = cells(tmp_path, FAILS)
    shown = cells(tmp_path, "%load_ext firstmile", FAILS)
    assert "Traceback" in bare
    assert shown.startswith(bare.rstrip())


def test_a_cell_that_works_was_interrupted_or_does_not_parse_shows_none(tmp_path: Path) -> None:
    shown = cells(
        tmp_path,
        "%load_ext firstmile",
        "1 + 1",
        "raise KeyboardInterrupt",
        "1 +",
        "raise SystemExit",
    )
    assert "What failed" not in shown
    assert "firstmile: " not in shown


def test_an_unknown_failure_is_one_line(tmp_path: Path) -> None:
    shown = cells(tmp_path, "%load_ext firstmile", "undefined_name")
    assert shown.count("firstmile: No answer") + shown.count("What failed") == 1


def test_an_unloaded_extension_is_silent(tmp_path: Path) -> None:
    shown = cells(tmp_path, "%load_ext firstmile", "%unload_ext firstmile", FAILS)
    assert "What failed" not in shown
