"""The order of reading is made anew while raters read, by a process that ends with the server."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from firstmile.study.decisions import ScreenValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.ui.web.reordering import DECISIONS, Reordering

from . import studies


def until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_it_waits_for_enough_decisions(tmp_path: Path) -> None:
    made = tmp_path / "made"
    count = 0
    touch = (sys.executable, "-c", f"open({str(made)!r}, 'a').write('x')")
    with Reordering(tmp_path, lambda: count, command=touch, rest=0.02) as ordering:
        count = DECISIONS - 1
        assert not until(made.exists, 0.5)
        count = DECISIONS
        assert until(lambda: ordering.times == 1)
        assert not until(lambda: ordering.times > 1, 0.5)
    assert made.read_text() == "x"


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    program = f"import sys; open({str(tries)!r}, 'a').write('x'); sys.exit(2)"
    counts = iter([0])
    command = (sys.executable, "-c", program)
    with Reordering(tmp_path, lambda: next(counts, DECISIONS), command=command, rest=0.02):
        assert until(lambda: tries.exists() and len(tries.read_text()) >= 2)


def test_it_ends_with_the_server(tmp_path: Path) -> None:
    counts = iter([0])
    endless = (sys.executable, "-c", "import time; time.sleep(600)")
    ordering = Reordering(tmp_path, lambda: next(counts, DECISIONS), command=endless, rest=0.02)
    with ordering:
        time.sleep(0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 5


@pytest.mark.long
def test_the_order_follows_what_raters_say(tmp_path: Path) -> None:
    failing = [(f"Crash {n}", "RuntimeError: the device ran out of memory", ()) for n in range(15)]
    asking = [(f"Error page {n}", "Which poem do you like? It is no error.", ()) for n in range(15)]
    folder = studies.make(tmp_path / "study", [*failing, *asking])
    urls = [studies.url_of(number) for number in range(1, 31)]

    def decide() -> None:
        with folder.decisions() as decisions:
            for place in (*range(10), *range(15, 25)):
                value = ScreenValue(include=place >= 15, reason=None if place >= 15 else "question")
                decisions.append(
                    urls[place],
                    Step.SCREEN,
                    "ada",
                    value,
                    codebook="1.0.0",
                    at=studies.AT,
                    key=f"ordered {place}",
                )

    def screened() -> int:
        with folder.decisions() as decisions:
            return len(decisions.history(step=Step.SCREEN))

    with Reordering(folder.path, screened, rest=0.05) as ordering:
        decide()
        # A process of the lowest priority: it waits for whatever else the machine does.
        assert until(lambda: ordering.times == 1, 240)
    order = msgspec.json.decode(
        (StudyFolder(folder.path).store.folder / "ranking.json").read_bytes()
    )
    first = [url for url in order if url in urls[25:] or url in urls[10:15]]
    assert set(first[:5]) == set(urls[25:])


@pytest.mark.parametrize("given", [("--freeze", "--order-only")])
def test_two_options_that_exclude_each_other_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]
) -> None:
    from firstmile.ui import cli

    folder = studies.make(tmp_path / "study")
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", "screen", str(folder.path), *given])
    assert ended.value.code == 2
    assert "don't go together" in capsys.readouterr().err
