"""What tests of several packages share: real data, the study of it, and a real browser."""

import os
import shutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from patience import PATIENCE_MS

# No deadline: the time of one example says more of the machine than of the code. CI draws the
# same examples each time, so that it is red for a change and never for a draw; a person's runs draw
# others each time, so that fewer of them see as much.
IN_CI = bool(os.environ.get("CI"))
NO_SKIPS = IN_CI or bool(os.environ.get("FIRSTMILE_NO_SKIPS"))
settings.register_profile(
    "firstmile", deadline=None, derandomize=IN_CI, max_examples=100 if IN_CI else 30
)
settings.load_profile("firstmile")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from firstmile.study.analysis import Outcome
    from firstmile.study.counts import RowCounts


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser: `make test` runs the few that are marked `every_run` too."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that is skipped fail where nothing may be skipped."""
    report = yield
    if report.skipped and NO_SKIPS and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped here, and {item.nodeid} was: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real data; without one skip, or fail where nothing may be skipped."""
    beside_the_checkout = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("FIRSTMILE_DATA") or beside_the_checkout)
    if folder.is_dir():
        return folder
    reason = f"the data folder {folder} is absent: set FIRSTMILE_DATA"
    pytest.skip(reason)


@pytest.fixture(scope="session")
def published_rows(data_folder: Path) -> "RowCounts":
    """Read the published labels, all rows of them."""
    from firstmile.study.counts import RowCounts
    from firstmile.study.reading import read_source

    return RowCounts(read_source(str(data_folder / "open-llm-failures")).failures)


@pytest.fixture(scope="session")
def published_outcomes(published_rows: "RowCounts") -> "Mapping[str, Outcome]":
    """Run every analysis on the published rows, with fewer draws than a report makes."""
    from firstmile.study.analysis import run_analyses
    from firstmile.study.settings import Settings

    settings = Settings(permutations=999, bootstraps=1_000, noise_replicates=200)
    return run_analyses(published_rows, settings)


@pytest.fixture(scope="session")
def published_results(published_outcomes: "Mapping[str, Outcome]") -> Mapping[str, Any]:
    """Return the results on the published rows in plain form, as claims are judged by them."""
    from firstmile.study.plain import plain

    return {
        name: plain(outcome.result)
        for name, outcome in published_outcomes.items()
        if outcome.result is not None
    }


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell comes first: it draws the same pages with two thirds of the processor time."""
BROWSER_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Start the machine's Chromium; without one skip, or fail where nothing may be skipped."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        reason = "there is no Chromium here: apt-get install chromium"
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        yield started
        started.close()
