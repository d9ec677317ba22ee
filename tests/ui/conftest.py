"""What tests of the commands share: a runner, a server to collect from, studies at some steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.study.folder import StudyFolder
from sources.github_server import GitHubServer, invent, serve

from .command_line import DESIGN, REPOSITORY, Command
from .web import studies


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    with serve(invent(60, repositories=[REPOSITORY])) as running:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", running.url)
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_one")
        monkeypatch.delenv("FIRSTMILE_GITHUB_TOKENS", raising=False)
        yield running


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(DESIGN, encoding="utf-8")
    return folder


@pytest.fixture
def screened(tmp_path: Path) -> StudyFolder:
    return studies.make(tmp_path / "screened", design=DESIGN)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Return a study whose issues are verified, six of them labelled by both raters."""
    folder = studies.make(tmp_path / "labelled", design=DESIGN)
    studies.include_all(folder)
    urls = folder.store.table(["url"]).column("url").to_pylist()
    for number, url in enumerate(urls[:6]):
        studies.label(folder, url, "ada", symptom="hang/generation", cause="api", stage="inference")
        symptom = "slow/inference" if number == 0 else "hang/generation"
        studies.label(folder, url, "ben", symptom=symptom, cause="api", stage="inference")
    return folder.path
