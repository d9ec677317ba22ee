"""Who is let in, and what a page may do."""

import socket
from collections.abc import Callable

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from firstmile.ui.web import serving
from firstmile.ui.web.serving import bind, make_doors
from firstmile.ui.web.site import Site
from ui.web.served import Served, sent
from ui.web.studies import url_of

Serve = Callable[..., Served]


def test_only_loopback_is_bound(screening: Served) -> None:
    assert screening._listening.getsockname()[0] == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", screening.port)):
        pass


def test_taken_port_is_one_sentence() -> None:
    with bind(0) as taken:
        taken.listen()
        with pytest.raises(UserError, match="cannot be used"):
            bind(taken.getsockname()[1])


def test_token_is_exchanged_for_a_cookie_that_scripts_cannot_read(screening: Served) -> None:
    with screening.client(None) as client:
        answer = client.get(f"/enter?token={screening.folder.token('ada')}")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        cookie = answer.headers["set-cookie"]
        assert screening.folder.token("ada") not in cookie
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert client.get("/label.json").json()["rater"] == "ada"
        foreign = client.get(
            f"/enter?token={screening.folder.token('ada')}",
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert foreign.status_code == 200
        assert "url=/" in foreign.text


@pytest.mark.parametrize("token", ["", "0" * 32, "ada", "é"])
def test_token_of_nobody_opens_nothing(screening: Served, token: str) -> None:
    with screening.client(None) as client:
        assert client.get("/enter", params={"token": token}).status_code == 403
        for path in ("/", "/label", "/issues.json", "/report/", "/codebook/x.json"):
            assert client.get(path).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", ""])
def test_foreign_host_is_turned_away(screening: Served, host: str) -> None:
    with screening.client("ada") as client:
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
    labelling: Served, headers: dict[str, str]
) -> None:
    with labelling.client("ada") as client:
        value = {"cannot_tell": ["symptom", "cause", "stage"]}
        answer = client.post("/label", json=sent(url_of(1), value), headers=headers)
        assert answer.status_code == 403
        assert client.get("/label", headers=headers).status_code == 403
    with labelling.folder.decisions() as decisions:
        assert decisions.history(step=Step.LABEL) == []


def test_decision_without_an_origin_or_as_a_form_is_turned_away(labelling: Served) -> None:
    with labelling.client("ada") as client:
        form = client.post("/label", data={"key": "x"})
        assert form.status_code == 415
        text = client.post("/label", content=b"{}", headers={"Content-Type": "text/plain"})
        assert text.status_code == 415
        del client.headers["Origin"]
        assert client.post("/label", json={}).status_code == 403


def test_body_has_a_ceiling(labelling: Served) -> None:
    with labelling.client("ada") as client:
        assert client.post("/label", json={"key": "x" * 70_000}).status_code == 413
        chunks = (b"x" * 10_000 for _ in range(10))
        sized = {"Content-Type": "application/json"}
        assert client.post("/label", content=chunks, headers=sized).status_code == 413


def test_who_never_ends_a_request_is_hung_up_on(
    study: StudyFolder, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SECONDS_FOR_A_HEAD", 0.3)
    served = serve(study)
    head = f"GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n".encode()
    for begun in (b"", b"GET / HT", head, head + b"Connection: keep-alive\r\n\r\nGET /"):
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
            connection.sendall(begun)
            while connection.recv(65536):
                pass


def test_other_methods_are_not_answered(screening: Served) -> None:
    with screening.client("ada") as client:
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


def test_private_pages_are_not_kept_and_carry_a_strict_policy(screening: Served) -> None:
    with screening.client("ada") as client:
        for path in ("/", "/screen", "/screen.json", "/issues", "/issues/acme/engine/1", "/none"):
            headers = client.get(path).headers
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
