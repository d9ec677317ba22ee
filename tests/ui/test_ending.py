"""A process of ours ends at once, with its status, and leaves out nothing that was to be done."""

import subprocess
import sys

import pytest

HEAD = "import atexit, sys; sys.argv[1:] = ['taxonomy']\n"
MAIN = "from firstmile.ui.cli import main; "
SLOW = "class Slow:\n    def __del__(self): print('taken apart')\n"


def said(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_what_was_printed_is_whole_and_the_status_is_kept() -> None:
    done = said(f"{HEAD}{MAIN}main()")
    asked = said(f"{HEAD}{MAIN}main(['taxonomy'])")
    assert (done.stdout, done.stderr, done.returncode) == (asked.stdout, "", 0)
    assert len(done.stdout) > 1_000
    wrong = said(f"{HEAD}sys.argv[1:] = ['explain', 'nothing-of-this-name']\n{MAIN}main()")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("firstmile: ")


def test_nothing_is_taken_apart() -> None:
    code = f"{HEAD}{SLOW}kept = Slow()\n{MAIN}"
    assert "taken apart" not in said(f"{code}main()").stdout
    assert "taken apart" in said(f"{code}main(['taxonomy'])").stdout


@pytest.mark.parametrize("place", ["before", "after"])
def test_what_was_registered_to_be_done_at_the_end_is_done(place: str) -> None:
    other = "atexit.register(lambda: print('done at the end'))\n"
    before, after = (other, "") if place == "before" else ("", "import firstmile.ui.cli as cli\n")
    if after:
        after += f"run = cli._run\ndef both(given): {other.strip()}; run(given)\ncli._run = both\n"
    done = said(f"{HEAD}{before}{after}{MAIN}main()")
    assert done.stdout.endswith("done at the end\n")
    assert (done.stderr, done.returncode) == ("", 0)


def test_what_threads_have_to_say_is_waited_for() -> None:
    thread = "import threading; threading.Thread(target=lambda: (threading.main_thread().join(), "
    done = said(f"{HEAD}{thread}print('said at last'))).start()\n{MAIN}main()")
    assert done.stdout.endswith("said at last\n")
