"""The server dies while two raters label: nothing acknowledged is lost, nothing is doubled.

FIRSTMILE_KILLS says how often it is killed (2 by default).
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, expect

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from firstmile.ui.web.serving import bind
from ui.web.studies import REPORTS, add_issues, include_all, make

KILLS = int(os.environ.get("FIRSTMILE_KILLS", "2"))
_COMMAND = (sys.executable, "-m", "firstmile", "serve")
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}


class Server:
    """`firstmile serve` in a process of its own, on a port that stays the same."""

    def __init__(self, folder: StudyFolder) -> None:
        self._folder = folder
        with bind(0) as free:
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*_COMMAND, str(self._folder.path), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Ctrl-C" in line:
                return
        raise AssertionError(f"the server ended with {self._process.wait(20)}")

    def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        status = self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status


class Rater(threading.Thread):
    """Labels over HTTP as the page does: the same key until it is acknowledged.

    Each start of the server knows nobody until the rater's link is opened again.
    """

    def __init__(self, server: Server, folder: StudyFolder, name: str) -> None:
        super().__init__()
        self.server, self.rater = server, name
        self.entered = 0
        self._token = folder.token(name)
        self.acknowledged: dict[str, str] = {}
        self.unsure = 0
        self.enough = threading.Event()
        self._client = httpx.Client(
            base_url=server.base,
            headers={"Origin": server.base, "Sec-Fetch-Site": "same-origin"},
            timeout=10,
        )

    def run(self) -> None:
        with self._client:
            while not self.enough.is_set():
                shown = self._until_answered("GET", "/label.json")
                if shown is None or shown["issue"] is None:
                    return
                url = shown["issue"]["url"]
                message = {"key": str(uuid.uuid4()), "issue": url, "value": LABELS}
                if self._until_answered("POST", "/label", json=message) is not None:
                    self.acknowledged[url] = message["key"]
                time.sleep(0.01)

    def _until_answered(self, method: str, path: str, **more: Any) -> Any:
        while not self.enough.is_set() or method == "POST":
            try:
                answer = self._client.request(method, path, **more)
            except httpx.HTTPError:
                self.unsure += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 401:
                self._enter()
                continue
            assert answer.status_code == 200, answer.text
            return answer.json()
        return None

    def _enter(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            answer = self._client.get("/enter", params={"token": self._token})
            assert answer.status_code == 303, answer.text
            self.entered += 1


def study(path: Path, issues: int) -> StudyFolder:
    folder = make(path, [])
    add_issues(folder, [REPORTS[n % len(REPORTS)] for n in range(issues)])
    include_all(folder)
    return folder


def wait_for_more(raters: list[Rater], decisions: int) -> None:
    wanted = sum(len(rater.acknowledged) for rater in raters) + decisions
    ends = time.monotonic() + 60
    while sum(len(rater.acknowledged) for rater in raters) < wanted:
        assert time.monotonic() < ends
        time.sleep(0.002)


def test_nothing_is_lost_or_doubled_when_the_server_is_killed(tmp_path: Path) -> None:
    folder = study(tmp_path / "study", 60 + 20 * KILLS)
    server = Server(folder)
    drawn = random.Random(KILLS)
    server.start()
    raters = [Rater(server, folder, name) for name in ("ada", "ben")]
    for rater in raters:
        rater.start()
    for _ in range(KILLS):
        wait_for_more(raters, drawn.randint(1, 6))
        time.sleep(drawn.uniform(0, 0.03))
        server.end()
        server.start()
    wait_for_more(raters, 2)
    for rater in raters:
        rater.enough.set()
        rater.join(30)
        assert not rater.is_alive()
    assert server.end(signal.SIGINT) == 0
    with folder.decisions() as decisions:
        history = decisions.history(step=Step.LABEL)
    for rater in raters:
        own = [one for one in history if one.rater == rater.rater]
        assert len({one.key for one in own}) == len(own)
        assert [one.issue for one in own] == list(rater.acknowledged)
        assert all(one.key.endswith(rater.acknowledged[one.issue]) for one in own)
        assert 1 <= rater.entered <= KILLS + 1
    assert sum(rater.entered for rater in raters) > len(raters)
    assert sum(rater.unsure for rater in raters) > 0


def test_browser_sends_its_decision_again_after_the_server_was_killed(
    tmp_path: Path, browser: Browser
) -> None:
    folder = study(tmp_path / "study", 12)
    server = Server(folder)
    server.start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.base}/enter?token={folder.token('ada')}")
    for place in range(2):
        page.goto(server.base + "/label")
        page.locator("html[data-ready]").wait_for(state="attached")
        for key in "000":
            page.keyboard.press(key)
        server.end()
        page.keyboard.press("Enter")
        expect(page.locator("#saving")).to_contain_text("Not saved yet")
        if place == 1:
            # The browser dies too: what it had not been told is sent when it comes back.
            page.close()
            page = context.new_page()
        server.start()
        if place == 1:
            page.goto(f"{server.base}/enter?token={folder.token('ada')}")
            page.goto(server.base + "/label")
        else:
            expect(page.locator("#saving")).to_contain_text("Open your own link again")
            link = context.new_page()
            link.goto(f"{server.base}/enter?token={folder.token('ada')}")
            link.close()
        expect(page.locator("#done")).to_have_text(f"{place + 1} of 12")
    context.close()
    server.end(signal.SIGINT)
    with folder.decisions() as decisions:
        history = decisions.history(step=Step.LABEL)
    assert len(history) == len({one.issue for one in history}) == 2
