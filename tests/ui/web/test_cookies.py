"""Who a browser is, told by the cookie of this run among whatever else it is sent."""

import contextlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Error, expect
from starlette.types import Message, Receive, Scope, Send

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from firstmile.ui.web.guard import Doors, Guard
from firstmile.ui.web.passes import Passes
from ui.web.served import Served, Visit

Serve = Callable[..., Served]
Go = Callable[..., Visit]


def test_cookie_that_another_port_was_sent_opens_nothing_after_this_run(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(study)
    rater = visit(served, "ada")
    caught: list[str] = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            caught.append(self.headers.get("Cookie", ""))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        tab = rater.context.new_page()
        with contextlib.suppress(Error):  # An answer without content ends no navigation.
            tab.goto(f"http://127.0.0.1:{other.server_port}/")
        other.shutdown()
        thread.join()
    name, _, value = caught[0].partition("=")
    assert name == f"firstmile-{served.site.id}-{served.port}"
    assert value == served.doors.passes.of("ada")
    assert study.token("ada") not in caught[0]
    assert (
        httpx.get(f"{served.base}/enter", params={"token": value}, verify=False).status_code == 403
    )
    served.stop()
    again = serve(study, port=served.port)
    for cookie in (value, study.token("ada")):
        answer = httpx.get(f"{again.base}/label", cookies={name: cookie}, verify=False)
        assert answer.status_code == 401
        assert "own link" in answer.text


FOREIGN = [
    b'prefs={"theme":"dark"}',
    b"a[0]=1",
    b"jupyter",
    b"u@h=1",
    b"\xf0\x9f\x8d\xaa=\xff",
    b'open="never closed',
    b"=",
    b";;",
    b"$Version=1",
    b"theme=" + b"x" * 8_000,
]


def ask(served: Served, cookie: bytes) -> int:
    address = f"{served.base}/codebook.json"
    return httpx.get(address, headers=[(b"Cookie", cookie)], verify=False).status_code


@pytest.mark.parametrize("foreign", FOREIGN)
def test_cookies_of_other_servers_lock_nobody_out(screening: Served, foreign: bytes) -> None:
    ours = f"{screening.doors.cookie}={screening.doors.passes.of('ada')}".encode()
    for cookie in (ours, foreign + b"; " + ours, ours + b"; " + foreign, foreign + b";" + ours):
        assert ask(screening, cookie) == 200
    assert ask(screening, foreign) == 401


def test_one_good_cookie_of_several_of_our_name_lets_in(screening: Served) -> None:
    name, good = screening.doors.cookie, screening.doors.passes.of("ada")
    for values in ((good, "old"), ("old", good), ("", good), ("x" * 20_000, good)):
        assert ask(screening, "; ".join(f"{name}={value}" for value in values).encode()) == 200
    for value in ("", "old", f'"{good}"', good + good, good[:-1], f"x{good}", f"{good}=", "\u00e9"):
        assert ask(screening, f"{name}={value}".encode()) == 401
    for other in (name.upper(), f"x{name}", f"{name}x", f"{name}[0]"):
        assert ask(screening, f"{other}={good}".encode()) == 401


def let_in(doors: Doors, cookie: bytes) -> str | None:
    """Return as whom the guard hands a request with this cookie on."""
    found: list[str | None] = []

    async def page(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope["rater"])

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def ignore(_message: Message) -> None:
        pass

    headers = [(b"host", b"127.0.0.1:1"), (b"cookie", cookie)]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    # Nothing here waits, so no event loop is needed beside the browser's.
    with pytest.raises(StopIteration):
        Guard(page, doors)(scope, nothing, ignore).send(None)
    return found[0] if found else None


@given(before=st.binary(max_size=60), after=st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_whatever_stands_around_our_cookie_it_lets_in(before: bytes, after: bytes) -> None:
    doors = Doors(
        hosts=frozenset({"127.0.0.1:1"}),
        origins=frozenset(),
        cookie="firstmile-0-1",
        owner_of=lambda _token: None,
        passes=Passes(["ada", "ben"]),
    )
    ours = f"firstmile-0-1={doors.passes.of('ada')}".encode()
    assert let_in(doors, b";".join((before, ours, after))) == "ada"
    assert let_in(doors, b";".join((before, after))) is None
    assert let_in(doors, b";".join((before, b"x" + ours, ours + b"x", after))) is None


def test_two_studies_in_one_browser_do_not_log_each_other_out(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    first, second = serve(study), serve(study)
    rater = visit(first, "ada")
    rater.page.goto(second.enter("ben"))
    for served, name in ((first, "ada"), (second, "ben")):
        rater.page.goto(f"{served.base}/index.json")
        assert f'"rater":"{name}"' in rater.page.content()


def test_open_page_keeps_its_decision_until_its_link_is_opened_again(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(to_label)
    rater = visit(served, "ada", "/label")
    rater.press("0", "0", "0")
    served.stop()
    again = serve(to_label, port=served.port)
    rater.press("Enter")
    expect(rater.page.locator("#saving")).to_contain_text("Open your own link again")
    with to_label.decisions() as decisions:
        assert decisions.history(step=Step.LABEL) == []
    tab = rater.context.new_page()
    tab.goto(again.enter("ada"))
    expect(rater.page.locator("#done")).to_have_text("1 of 12")
    with to_label.decisions() as decisions:
        assert len(decisions.history(step=Step.LABEL)) == 1
