"""Who is let in, what a page may do, and what hostile text does: nothing."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Error, expect
from starlette.types import Message, Receive, Scope, Send

from firstmile.errors import UserError
from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from firstmile.ui.web.guard import Doors, Guard
from firstmile.ui.web.lines import Quotes
from firstmile.ui.web.markdown import render
from firstmile.ui.web.passes import Passes
from firstmile.ui.web.serving import bind, make_doors
from firstmile.ui.web.site import Site
from ui.web.served import Served, Visit, sent
from ui.web.studies import add_issues, include_all, label, make, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}

HOSTILE = (
    "<script>window.hacked = 1</script> \x00 \u202egnp.exe \x1b[2J\x1b]0;owned\x07 <b onclick=x>",
    "<script>window.hacked = 1</script>\n\n<img src=x onerror='window.hacked=1'>\n\n"
    "[a](javascript:window.hacked=1) ![b](https://example.org/b.png) "
    '<a href="https://example.org" onmouseover="window.hacked=1">c</a>\n\n'
    "```</code></pre><script>window.hacked = 1</script>\n<svg onload=window.hacked=1>\n```\n\n"
    "\u0645\u0631\u062d\u0628\u0627 \u202e\u2066 \x00 \x1b[31m \ufeff \U000e0041 {{ 7 * 7 }}\n"
    "<iframe src=https://example.org></iframe><style>*{display:none}</style>"
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    (("</script><script>window.hacked=1</script>", "<base href=https://example.org>"),),
)


def test_only_loopback_is_bound(study: StudyFolder, serve: Serve) -> None:
    served = serve(study)
    assert served._listening.getsockname()[0] == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", served.port)):
        pass


def test_taken_port_is_one_sentence() -> None:
    with bind(0) as taken:
        taken.listen()
        with pytest.raises(UserError, match="cannot be used"):
            bind(taken.getsockname()[1])


def test_token_is_exchanged_for_a_cookie_that_scripts_cannot_read(
    study: StudyFolder, serve: Serve
) -> None:
    served = serve(study)
    with served.client(None) as client:
        answer = client.get(f"/enter?token={study.token('ada')}")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        cookie = answer.headers["set-cookie"]
        assert study.token("ada") not in cookie
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert client.get("/label.json").json()["rater"] == "ada"
        foreign = client.get(
            f"/enter?token={study.token('ada')}", headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert foreign.status_code == 200
        assert "url=/" in foreign.text


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

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
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
    assert httpx.get(f"{served.base}/enter", params={"token": value}).status_code == 403
    served.stop()
    again = serve(study, port=served.port)
    for cookie in (value, study.token("ada")):
        answer = httpx.get(f"{again.base}/label", cookies={name: cookie})
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
    return httpx.get(f"{served.base}/index.json", headers=[(b"Cookie", cookie)]).status_code


@pytest.mark.parametrize("foreign", FOREIGN)
def test_cookies_of_other_servers_lock_nobody_out(
    study: StudyFolder, serve: Serve, foreign: bytes
) -> None:
    served = serve(study)
    ours = f"{served.doors.cookie}={served.doors.passes.of('ada')}".encode()
    for cookie in (ours, foreign + b"; " + ours, ours + b"; " + foreign, foreign + b";" + ours):
        assert ask(served, cookie) == 200
    assert ask(served, foreign) == 401


def test_one_good_cookie_of_several_of_our_name_lets_in(study: StudyFolder, serve: Serve) -> None:
    served = serve(study)
    name, good = served.doors.cookie, served.doors.passes.of("ada")
    for values in ((good, "old"), ("old", good), ("", good), ("x" * 20_000, good)):
        assert ask(served, "; ".join(f"{name}={value}" for value in values).encode()) == 200
    for value in ("", "old", f'"{good}"', good + good, good[:-1], f"x{good}", f"{good}=", "\u00e9"):
        assert ask(served, f"{name}={value}".encode()) == 401
    for other in (name.upper(), f"x{name}", f"{name}x", f"{name}[0]"):
        assert ask(served, f"{other}={good}".encode()) == 401


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
    expect(rater.page.locator("#done")).to_have_text("1 of 12", timeout=20_000)
    with to_label.decisions() as decisions:
        assert len(decisions.history(step=Step.LABEL)) == 1


@pytest.mark.parametrize("token", ["", "0" * 32, "ada", "é"])
def test_token_of_nobody_opens_nothing(study: StudyFolder, serve: Serve, token: str) -> None:
    served = serve(study)
    with served.client(None) as client:
        assert client.get("/enter", params={"token": token}).status_code == 403
        for path in ("/", "/label", "/issues.json", "/report/", "/codebook/x.json"):
            assert client.get(path).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", ""])
def test_foreign_host_is_turned_away(study: StudyFolder, serve: Serve, host: str) -> None:
    with serve(study).client("ada") as client:
        assert client.get("/label", headers={"Host": host}).status_code in (400, 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_request_of_a_foreign_page_is_turned_away(
    to_label: StudyFolder, serve: Serve, headers: dict[str, str]
) -> None:
    with serve(to_label).client("ada") as client:
        value = {"cannot_tell": ["symptom", "cause", "stage"]}
        answer = client.post("/label", json=sent(url_of(1), value), headers=headers)
        assert answer.status_code == 403
        assert client.get("/label", headers=headers).status_code == 403
    with to_label.decisions() as decisions:
        assert decisions.history(step=Step.LABEL) == []


def test_decision_without_an_origin_or_as_a_form_is_turned_away(
    to_label: StudyFolder, serve: Serve
) -> None:
    served = serve(to_label)
    with served.client("ada") as client:
        form = client.post("/label", data={"key": "x"})
        assert form.status_code == 415
        text = client.post("/label", content=b"{}", headers={"Content-Type": "text/plain"})
        assert text.status_code == 415
        del client.headers["Origin"]
        assert client.post("/label", json={}).status_code == 403


def test_body_has_a_ceiling(to_label: StudyFolder, serve: Serve) -> None:
    with serve(to_label).client("ada") as client:
        assert client.post("/label", json={"key": "x" * 70_000}).status_code == 413
        chunks = (b"x" * 10_000 for _ in range(10))
        sized = {"Content-Type": "application/json"}
        assert client.post("/label", content=chunks, headers=sized).status_code == 413


def test_other_methods_are_not_answered(study: StudyFolder, serve: Serve) -> None:
    with serve(study).client("ada") as client:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert client.request(method, "/label").status_code == 405


def test_stated_reverse_proxy_is_let_in_over_https_alone(study: StudyFolder, serve: Serve) -> None:
    served = serve(study, origin="https://label.example.org")
    with served.client("ada") as client:
        proxied = {"Host": "label.example.org", "Origin": "https://label.example.org"}
        assert client.get("/label", headers=proxied).status_code == 200
        entered = client.get(f"/enter?token={study.token('ada')}", headers=proxied)
        assert "Secure" in entered.headers["set-cookie"]
    site = Site(study)
    try:
        for wrong in ("http://label.example.org", "label.example.org", "https://x/y", "https://é"):
            with pytest.raises(UserError):
                make_doors(site, 1, wrong)
    finally:
        site.close()


def test_private_pages_are_not_kept_and_carry_a_strict_policy(
    study: StudyFolder, serve: Serve
) -> None:
    with serve(study).client("ada") as client:
        for path in ("/", "/screen", "/screen.json", "/issues", "/issues/acme/engine/1", "/none"):
            headers = client.get(path).headers
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy


def test_rater_sees_nothing_of_another_before_adjudication(
    to_label: StudyFolder, serve: Serve
) -> None:
    said = {"quote": "ben's quote", "note": "ben's note", **LABELS}
    label(to_label, url_of(1), "ben", codebook="0.1", **said)
    with serve(to_label).client("ada") as client:
        address = f"?issue={url_of(1)}"
        for path in (
            f"/label{address}",
            f"/label.json{address}",
            "/issues/acme/engine/1",
            "/issues/acme/engine/1.json",
            "/issues.json",
            "/adjudicate",
            "/adjudicate/history",
        ):
            text = client.get(path).text
            assert "ben's" not in text
            assert "ben&#39;s" not in text
        assert client.get(f"/label.json{address}").json()["mine"] is None
        assert client.get("/issues/acme/engine/1.json").json()["place"] == "to label"
        assert client.get(f"/adjudicate.json{address}").status_code == 404


def test_rater_cannot_label_anew_after_the_labels_were_compared(
    to_label: StudyFolder, serve: Serve
) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    with serve(to_label).client("ada") as client:
        assert client.get("/adjudicate.json").json()["raters"]["differ"] == ["symptom"]
        assert client.post("/label/undo", json=sent(url_of(1))).status_code == 409
        assert client.post("/label", json=sent(url_of(1), LABELS)).status_code == 409
        assert client.get(f"/label?issue={url_of(1)}").status_code == 404


def test_rater_decides_only_in_own_steps(study: StudyFolder, serve: Serve) -> None:
    include_all(study)
    text = (study.path / "study.toml").read_text() + '[label]\nraters = ["ben"]\n'
    (study.path / "study.toml").write_text(text)
    with serve(StudyFolder(study.path)).client("ada") as client:
        assert client.get("/label").status_code == 403
        answer = client.post("/label", json=sent(url_of(1), LABELS))
        assert answer.status_code == 403
        assert "no part" in answer.json()["error"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({**LABELS, "symptom": "crash/nothing"}, "no symptom of the codebook"),
        ({**LABELS, "symptom": "environment"}, "no symptom of the codebook"),
        ({**LABELS, "symptom": None}, "needs a term"),
        ({**LABELS, "cannot_tell": ["symptom"]}, "needs a term"),
        ({**LABELS, "confidence": "certain"}, "cannot be read"),
        ({**LABELS, "note": "x" * 5_000}, "longer than"),
        ({**LABELS, "more": 1}, "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_decision_that_is_not_as_agreed_is_refused_with_a_sentence(
    to_label: StudyFolder, serve: Serve, value: object, words: str
) -> None:
    with serve(to_label).client("ada") as client:
        answer = client.post("/label", json=sent(url_of(1), value))
        assert answer.status_code == 400
        assert words in answer.json()["error"]
        missing = client.post("/label", json=sent(url_of(999), LABELS))
        assert missing.status_code == 409
    with to_label.decisions() as decisions:
        assert decisions.history(step=Step.LABEL) == []


def test_same_key_is_recorded_once_and_never_another_raters(
    to_label: StudyFolder, serve: Serve
) -> None:
    served = serve(to_label)
    message = sent(url_of(1), LABELS)
    with served.client("ada") as ada, served.client("ben") as ben:
        first = ada.post("/label", json=message).json()
        again = ada.post("/label", json=message).json()
        other = ben.post("/label", json=message).json()
    assert first["id"] == again["id"] != other["id"]
    with to_label.decisions() as decisions:
        assert [one.rater for one in decisions.current(Step.LABEL)] == ["ada", "ben"]


def test_hostile_text_is_only_text(
    study: StudyFolder, serve: Serve, visit: Go, tmp_path: object
) -> None:
    folder = make(study.path.parent / "hostile", [HOSTILE])
    include_all(folder)
    rater = visit(serve(folder), "ada", "/label")
    thread = rater.page.locator("#thread")
    expect(thread).to_contain_text("<script>window.hacked = 1</script>")
    expect(thread).to_contain_text("\\x00")
    expect(thread).to_contain_text("\\u202e")
    expect(thread).to_contain_text("{{ 7 * 7 }}")
    expect(rater.page.get_by_role("link", name="image: b")).to_have_attribute(
        "href", "https://example.org/b.png"
    )
    for path in ("/screen", "/issues", "/issues/acme/engine/1", "/issues?words=<script>"):
        rater.page.goto(rater.served.base + path)
        rater.page.wait_for_timeout(50)
    assert rater.page.evaluate("window.hacked") is None
    assert rater.page.locator("img, iframe, style").count() == 0
    assert rater.left() == []
    assert rater.complaints == []
    plain = httpx.get(
        f"{rater.served.base}/issues/acme/engine/1/thread.txt",
        cookies={rater.served.doors.cookie: rater.served.doors.passes.of("ada")},
    )
    assert plain.headers["content-type"].startswith("text/plain")
    assert "\x1b" not in plain.text
    assert "\x00" not in plain.text


def test_issue_of_five_megabytes_is_read_without_waiting(study: StudyFolder, serve: Serve) -> None:
    log = "\n".join(f"step {n} loss 2.{n} " + "x" * 40 for n in range(90_000))
    add_issues(study, [("Large", log + "\nRuntimeError: the last line", ())], repository="acme/big")
    with serve(study).client("ada") as client:
        answer = client.get("/issues/acme/big/1")
        assert answer.elapsed.total_seconds() < 5
        assert "RuntimeError: the last line" in answer.text
        assert len(answer.content) < 1_000_000
        plain = client.get("/issues/acme/big/1/thread.txt")
        assert len(plain.content) > 5_000_000


def test_issue_that_is_an_image_alone_says_so(study: StudyFolder, serve: Serve) -> None:
    with serve(study).client("ada") as client:
        text = client.get("/issues/acme/engine/11").text
        assert "image: image" in text
        assert "<img" not in text


@pytest.mark.parametrize(
    "path", ["/report/../study.toml", "/report/%2e%2e/key", "/report//etc/passwd", "/report/a%00b"]
)
def test_report_serves_nothing_outside_its_folder(
    study: StudyFolder, serve: Serve, path: str
) -> None:
    (study.path / "report").mkdir()
    (study.path / "report" / "index.html").write_text("<p>Report</p>")
    (study.path / "report" / "link.txt").symlink_to(study.path / "key")
    with serve(study).client("ada") as client:
        assert "<p>Report</p>" in client.get("/report/").text
        assert client.get("/report/link.txt").status_code == 404
        answer = client.get(path)
        assert answer.status_code in (400, 404)
        assert study.key.hex() not in answer.text


class _Tags(HTMLParser):
    ALLOWED = re.compile(
        "p|span|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|strong|em|s|code|pre|a|br|hr|button"
    )
    ATTRIBUTES = re.compile("class|href|target|rel|tabindex|type|data-language|data-quoted|start")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert self.ALLOWED.fullmatch(tag), tag
        for name, value in attrs:
            assert self.ATTRIBUTES.fullmatch(name), name
            if name == "href":
                assert value is not None
                assert value.lower().startswith(("https://", "http://"))


HOSTILE_PIECES = (
    "<script>|</script>|<img src=x onerror=y>|![a](b)|[c](javascript:x)|[d](https://e.org)|```|>|-"
    "|1.|**|*|_|`|#|<!--|-->|<details>|<a href=javascript:x>|&lt;|&#x0;|\"|'|\\|\n|\n\n|---|a:b|~~"
    "|http://x.y/<b>|<svg/onload=z>|data:text/html,x|\x00|\x1b[31m|\u202e"
)
PIECES = st.sampled_from([*HOSTILE_PIECES.split("|"), "|"])


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=30).map(" ".join))
def test_only_listed_tags_are_ever_written(text: str) -> None:
    _Tags().feed(render(text, Quotes([("a", "x"), ("<b>", "script")])))
