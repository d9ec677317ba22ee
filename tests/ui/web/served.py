"""A running server, requests to it as a rater's browser sends them, and a visit in a browser."""

import json
import threading
import uuid
from typing import Any

import httpx
from playwright.sync_api import Browser

from firstmile.study.folder import StudyFolder
from firstmile.ui.web.serving import bind, make_doors, make_server
from firstmile.ui.web.site import Site
from patience import PATIENCE_MS, wait_for_change

RECORD_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


class Served:
    """A study on a loopback port, in a thread of its own."""

    def __init__(self, folder: StudyFolder, *, port: int = 0, origin: str | None = None) -> None:
        self.folder = folder
        self.site = Site(folder)
        listening = bind(port)
        self.port = listening.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        ready = threading.Event()
        self.doors = make_doors(self.site, self.port, origin)
        self._server = make_server(self.site, self.doors, ready=ready.set)
        self._listening = listening
        self._thread = threading.Thread(target=self._server.run, args=([listening],))
        self._thread.start()
        assert ready.wait(20)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._listening.close()
        self.site.close()

    def enter(self, rater: str) -> str:
        return f"{self.base}/enter?token={self.folder.token(rater)}"

    def client(self, rater: str | None) -> httpx.Client:
        """Return a client with a rater's cookie and the headers that a browser sends."""
        cookies = {self.doors.cookie: self.doors.passes.of(rater)} if rater else {}
        # Nothing here is https, and to read certificates takes longer than most tests do.
        return httpx.Client(
            base_url=self.base,
            cookies=cookies,
            headers={"Origin": self.base, "Sec-Fetch-Site": "same-origin"},
            timeout=30,
            verify=False,
        )


def sent(issue: str, value: Any = None, *, key: str | None = None, **more: Any) -> dict[str, Any]:
    return {"key": key or str(uuid.uuid4()), "issue": issue, "value": value, **more}


class Visit:
    """A rater's browser, and everything that went wrong or left the machine in it."""

    def __init__(self, browser: Browser, served: Served, rater: str, **options: Any) -> None:
        width, height = options.pop("width", 1280), options.pop("height", 800)
        self.served = served
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.add_init_script(RECORD_VIOLATIONS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(served.enter(rater))

    def open(self, path: str) -> None:
        self.page.goto(self.served.base + path)
        if self.page.locator("script[type=module]").count():
            self.ready()

    def ready(self) -> None:
        """Wait until the page listens to keys."""
        self.page.locator("html[data-ready]").wait_for(state="attached")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def data(self) -> dict[str, Any]:
        """Return what the page told its scripts."""
        found: dict[str, Any] = json.loads(self.page.locator("#data").text_content() or "{}")
        return found

    def decide(self, *keys: str) -> None:
        """Press keys of which the last one decides, and wait for the next issue's page."""
        wait_for_change(self.page, lambda: self.press(*keys))

    def left(self) -> list[str]:
        """Return requests that went anywhere but to the server."""
        return [url for url in self.requests if not url.startswith(self.served.base)]
