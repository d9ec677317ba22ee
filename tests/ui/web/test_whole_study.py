"""The whole way in one test: from nothing to a published set and its report, through real parts."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from patience import PATIENCE_MS, wait_for_change
from sources.github_server import Faults, GitHubServer, invent, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = "octo/engine"
ISSUES = 14
LABELLED = 5
RUN = (sys.executable, "-c", "from firstmile.ui.cli import main; main()")


def firstmile(*arguments: str | Path, server: GitHubServer) -> str:
    done = subprocess.run(
        [*RUN, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(server),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(server: GitHubServer) -> dict[str, str]:
    import os

    return os.environ | {"FIRSTMILE_GITHUB_API": server.url, "GITHUB_TOKEN": "ghp_one"}


@contextmanager
def pages(folder: Path, server: GitHubServer) -> Iterator[dict[str, str]]:
    """Serve the study in a process of its own; yields each rater's link."""
    process = subprocess.Popen(
        [*RUN, "serve", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(server) | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        said, links = "", dict[str, str]()
        while process.stdout is not None and len(links) < 2:
            line = process.stdout.readline()
            assert line, said
            said += line
            if found := re.match(r"\s+(\w+)\s+(http://127\.0\.0\.1:\d+/enter\S+)", line):
                links[found[1]] = found[2]
        yield links
    finally:
        process.terminate()
        process.communicate(timeout=60)


def enter(browser: "Browser", link: str) -> "Page":
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(link)
    return page


def saved(page: "Page", *keys: str) -> None:
    """Press keys of which the last one saves, and wait for the next issue's page."""

    def press() -> None:
        for key in keys:
            page.keyboard.press(key)

    wait_for_change(page, press)


def open_step(page: "Page", step: str) -> None:
    page.goto(re.sub(r"(//[^/]+)/.*", rf"\1/{step}", page.url))
    page.locator("html[data-ready]").wait_for(state="attached")


def test_from_nothing_to_a_report(browser: "Browser", tmp_path: Path) -> None:
    folder = tmp_path / "study"
    world = invent(ISSUES, repositories=[REPOSITORY], seed=11)
    with serve(world, Faults(rate=0.2, seed=4)) as server:
        firstmile("study", "init", folder, server=server)
        design = (folder / "study.toml").read_text(encoding="utf-8")
        for old, new in (
            ("owner/name", REPOSITORY),
            ('name = "first"', 'name = "ada"'),
            ('name = "second"', 'name = "ben"'),
            ("# audit = 300", "audit = 3"),
        ):
            design = design.replace(old, new)
        (folder / "study.toml").write_text(design, encoding="utf-8")

        assert "issues" in firstmile("study", "collect", folder, "--quiet", server=server)
        assert server.faults.happened
        firstmile("study", "screen", folder, "--quiet", server=server)
        study = StudyFolder.open(folder)
        assert len(study.store) == len(world.repositories[REPOSITORY].issues())

        with pages(folder, server) as links:
            raters = {name: enter(browser, link) for name, link in links.items()}
            for page in raters.values():
                open_step(page, "screen")
                for number in range(LABELLED + 2):
                    saved(page, "i" if number < LABELLED else "1")
            ada, ben = raters["ada"], raters["ben"]
            open_step(ada, "verify")
            for _ in range(LABELLED):
                saved(ada, "i")
            # Symptom, cause and stage, each by the numbers of class and leaf; ada differs once.
            for name, page in raters.items():
                open_step(page, "label")
                for number in range(LABELLED):
                    symptom = ("4", "1") if name == "ada" and not number else ("1", "1", "1")
                    saved(page, *symptom, "7", "1", "2", "Enter")
            open_step(ben, "adjudicate")
            ben.keyboard.press("a")
            ben.keyboard.press("r")
            ben.keyboard.type("The run ended with a signal.")
            saved(ben, "Control+Enter")
            for page in raters.values():
                page.context.close()

        firstmile("study", "screen", folder, "--freeze", "--yes", "--quiet", server=server)
        with pages(folder, server) as links:
            page = enter(browser, links["ada"])
            open_step(page, "audit")
            for _ in range(3):
                saved(page, "1")
            page.context.close()

        screened = " ".join(firstmile("study", "screen", folder, "-q", server=server).split())
        assert "3 were sampled and 0 of those are failures" in screened
        agreed = " ".join(firstmile("study", "agree", folder, server=server).split())
        assert f"{LABELLED} issues labelled by 2 raters (ada and ben)" in agreed
        firstmile("study", "publish", folder, "--quiet", server=server)
        firstmile("study", "report", folder, "--out", tmp_path / "report", "-q", server=server)

    with study.decisions() as decisions:
        assert len(decisions.current(Step.LABEL)) == 2 * LABELLED
        (decided,) = decisions.current(Step.ADJUDICATE)
        assert decided.reason == "The run ended with a signal."
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["failures"] == LABELLED
    published = "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in (folder / "published").rglob("*")
        if path.is_file()
    )
    assert "rater-2" in published
    assert not re.search(r"\b(ada|ben)\b", published)
