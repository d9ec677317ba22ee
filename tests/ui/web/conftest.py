"""A study that is served for real on a loopback port, and pages of it in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from firstmile.study.codebook_use import USED
from firstmile.study.folder import StudyFolder
from ui.web.served import Served, Visit
from ui.web.studies import include_all, make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two studies once: tests work on copies."""
    folder = tmp_path_factory.mktemp("made")
    make(folder / "to-screen")
    include_all(make(folder / "to-label"))
    return folder


@pytest.fixture
def study(made: Path, tmp_path: Path) -> StudyFolder:
    """Return a study of twelve issues that wait to be screened."""
    return StudyFolder(shutil.copytree(made / "to-screen", tmp_path / "study"))


@pytest.fixture
def to_label(made: Path, tmp_path: Path) -> StudyFolder:
    """Return a study of twelve issues that wait for labels."""
    return StudyFolder(shutil.copytree(made / "to-label", tmp_path / "study"))


def _undisturbed(folder: StudyFolder) -> Iterator[Served]:
    """Serve a study to tests that look at it alone, and see that they did."""
    served = Served(folder)
    yield served
    served.stop()
    with folder.decisions() as decisions:
        assert len(decisions.history()) == (0 if folder.path.name == "to-screen" else 48)
        assert {event.name for event in decisions.events()} <= {USED}


@pytest.fixture(scope="session")
def screening(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a study of twelve issues that wait to be screened, of which nobody decides any."""
    target = tmp_path_factory.mktemp("served") / "to-screen"
    yield from _undisturbed(StudyFolder(shutil.copytree(made / "to-screen", target)))


@pytest.fixture(scope="session")
def labelling(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a study of twelve issues that wait for labels, of which nobody labels any."""
    target = tmp_path_factory.mktemp("served") / "to-label"
    yield from _undisturbed(StudyFolder(shutil.copytree(made / "to-label", target)))


@pytest.fixture
def serve() -> Iterator[Callable[[StudyFolder], Served]]:
    """Serve studies until the test ends."""
    running: list[Served] = []

    def start(folder: StudyFolder, port: int = 0, origin: str | None = None) -> Served:
        served = Served(folder, port=port, origin=origin)
        running.append(served)
        return served

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open pages as a rater, each in a browser context of its own."""
    opened: list[Visit] = []

    def go(served: Served, rater: str, path: str = "/", **options: object) -> Visit:
        one = Visit(browser, served, rater, **options)
        opened.append(one)
        one.open(path)
        return one

    yield go
    for one in opened:
        one.context.close()
