"""What hostile text does on a page: nothing."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect

from firstmile.study.folder import StudyFolder
from firstmile.ui.web.lines import Quotes
from firstmile.ui.web.markdown import render
from ui.web.served import Served, Visit
from ui.web.studies import add_issues, include_all, make

Serve = Callable[..., Served]
Go = Callable[..., Visit]

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
        verify=False,
    )
    assert plain.headers["content-type"].startswith("text/plain")
    assert "\x1b" not in plain.text
    assert "\x00" not in plain.text


@pytest.mark.long
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


def test_issue_that_is_an_image_alone_says_so(screening: Served) -> None:
    with screening.client("ada") as client:
        text = client.get("/issues/acme/engine/11").text
        assert "image: image" in text
        assert "<img" not in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((f"/issues?page={page}", 200) for page in ("0", "-1", "999999", "\u00b2", "\u0663")),
        *(
            (f"/issues?words={words}", 200)
            for words in ("%00", "%22", "*", "(", "NEAR(a b)", "%ff")
        ),
        ("/issues?words=" + "a OR " * 4_000, 200),
        ("/issues?label=%00&repository=%ED%A0%80&year=20%25&place=x", 200),
        ("/issues/acme/engine/" + "9" * 50, 404),
        ("/issues/%2e%2e/%2e%2e/1", 404),
        ("/issues/ac%00me/engine/1", 404),
        ("/issues/at?url=javascript:alert(1)", 404),
        ("/issues/at?url=//example.org", 404),
        ("/screen?issue=%ED%A0%80", 404),
        ("/screen?issue=" + "x" * 20_000, 404),
        ("/codebook/%00.json", 404),
        ("/assets/x/%2e%2e%2fkey", 404),
        ("/report/" + "a/" * 2_000, 404),
        ("/enter?token=%ED%A0%80", 403),
    ],
)
def test_hostile_address_is_answered(screening: Served, path: str, status: int) -> None:
    with screening.client("ada") as client:
        answer = client.get(path)
    assert answer.status_code == status
    assert status == 200 or len(answer.text) < 2_000
    assert not re.search("\ud800|x{9}", answer.text)


def test_wrong_tokens_however_many_lock_nobody_out(screening: Served) -> None:
    with screening.client(None) as client:
        for number in range(200):
            token = f"{number:032x}"
            assert client.get("/enter", params={"token": token}).status_code == 403
        right = screening.folder.token("ada")
        assert client.get("/enter", params={"token": right}).status_code == 303


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
