"""The endpoint's client: what it speaks, what it survives, and what it never says."""

import pytest

from firstmile.errors import UserError
from firstmile.study.model_rater import Endpoint, open_endpoint
from model_rater.endpoint_server import Server, serving

VARIABLE = "FIRSTMILE_TEST_KEY"
MESSAGES = [{"role": "user", "content": "hello"}]


def client(server: Server, waits: list[float], *, key: str = "secret-key") -> Endpoint:
    return open_endpoint(
        server.address,
        model="tiny",
        key_variable=VARIABLE,
        temperature=0.5,
        seconds=0.5,
        sleep=waits.append,
        environment={VARIABLE: key},
    )


def test_a_request_is_a_chat_completion() -> None:
    with serving(lambda _: "hi") as server, client(server, []) as endpoint:
        answer = endpoint.ask(MESSAGES, schema={"type": "object"}, most_tokens=9)
    assert (answer.content, answer.finish, answer.input_tokens) == ("hi", "stop", 1000)
    (request,) = server.requests
    assert request["model"] == "tiny"
    assert request["temperature"] == 0.5
    assert request["max_tokens"] == 9
    assert request["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert server.keys == ["Bearer secret-key"]


@pytest.mark.parametrize("fault", [429, 500, 502, 503, "silent", "broken", "garbage"])
def test_what_passes_is_tried_again(fault: object) -> None:
    waits: list[float] = []
    with serving(lambda _: "hi", faults=[fault]) as server, client(server, waits) as endpoint:
        assert endpoint.ask(MESSAGES, schema={}, most_tokens=9).content == "hi"
    assert waits == [7.0 if fault == 429 else 1.0]
    assert len(server.requests) == 2


def test_what_does_not_pass_ends_in_a_sentence() -> None:
    waits: list[float] = []
    with (
        serving(lambda _: "hi", faults=[500] * 9) as server,
        client(server, waits) as endpoint,
        pytest.raises(UserError, match=r"it answered 500; tries: 5\); what was labelled is kept"),
    ):
        endpoint.ask(MESSAGES, schema={}, most_tokens=9)
    assert waits == [1, 2, 4, 8]


def test_requests_without_an_answer_are_counted() -> None:
    faults = ["broken", 500, "silent"]
    with serving(lambda _: "hi", faults=faults) as server, client(server, []) as endpoint:
        endpoint.ask(MESSAGES, schema={}, most_tokens=9)
        assert endpoint.lost == 2


@pytest.mark.parametrize(
    ("fault", "says"),
    [(401, "refused the key"), (403, "refused the key"), (404, "no such address"), (302, "redir")],
)
def test_what_cannot_pass_is_not_tried_again(fault: int, says: str) -> None:
    with (
        serving(lambda _: "hi", faults=[fault]) as server,
        client(server, []) as endpoint,
        pytest.raises(UserError, match=says),
    ):
        endpoint.ask(MESSAGES, schema={}, most_tokens=9)
    assert len(server.requests) == 1


@pytest.mark.parametrize("refused", ["max_tokens", "response_format"])
def test_an_endpoint_of_another_dialect_is_asked_in_it(refused: str) -> None:
    with serving(lambda _: "hi", refuses=refused) as server, client(server, []) as endpoint:
        assert endpoint.ask(MESSAGES, schema={}, most_tokens=9).content == "hi"
        assert endpoint.ask(MESSAGES, schema={}, most_tokens=9).content == "hi"
    assert len(server.requests) == 3
    if refused == "max_tokens":
        assert server.requests[-1]["max_completion_tokens"] == 9


def test_no_message_shows_the_key_or_an_escape() -> None:
    for fault in (400, 401, 418):
        with serving(lambda _: "hi", faults=[fault]) as server, client(server, []) as endpoint:
            assert "secret-key" not in repr(endpoint)
            with pytest.raises(UserError) as caught:
                endpoint.ask(MESSAGES, schema={}, most_tokens=9)
        assert "secret-key" not in str(caught.value)
        assert "\x1b" not in str(caught.value)


def test_nobody_at_the_address_is_said() -> None:
    with serving(lambda _: "hi") as server:
        pass
    with client(server, []) as endpoint:
        with pytest.raises(UserError, match="nothing answers there"):
            endpoint.ask(MESSAGES, schema={}, most_tokens=9)
        assert endpoint.lost == 0


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://example.com/v1", "must be https"),
        ("http://127.0.0.1.example.com/v1", "must be https"),
        ("ftp://127.0.0.1/v1", "must be https"),
        ("https://user:pass@example.com/v1", "user name"),
        ("https://example.com/v1?key=1", "query"),
        ("https://", "no address"),
        ("https://[::1", "no address"),
        ("https://example.com:99999/v1", "no address"),
        ("https://exa\x1bmple.com", "no address"),
    ],
)
def test_an_unsafe_address_is_refused(address: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        open_endpoint(address, model="tiny")
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://example.com/v1", "https://example.com/v1/chat/completions"),
        ("https://example.com/v1/", "https://example.com/v1/chat/completions"),
        ("http://localhost:8000", "http://localhost:8000/chat/completions"),
        ("http://[::1]:8000/v1/chat/completions", "http://[::1]:8000/v1/chat/completions"),
    ],
)
def test_the_path_is_completed(address: str, url: str) -> None:
    with open_endpoint(address, model="tiny") as endpoint:
        assert endpoint.url == url


@pytest.mark.parametrize(("key", "says"), [("", "holds no key"), ("a\nb", "characters that no")])
def test_a_bad_key_is_said_without_showing_it(key: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        open_endpoint(
            "https://example.com", model="m", key_variable=VARIABLE, environment={VARIABLE: key}
        )
    assert VARIABLE in str(caught.value)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "GITHUB_API_KEY",
        "FIRSTMILE_GITHUB_TOKENS",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_API_KEY",
        "HF_TOKEN",
        "HF_TOKEN_API_KEY",
        "CLIENT_SECRET_API_KEY",
        "PATH",
        "_API_KEY",
        "OPENAI_API_KEY\n",
    ],
)
def test_no_other_secret_is_sent_as_the_key(name: str) -> None:
    with pytest.raises(UserError, match="name a variable that ends in _API_KEY") as caught:
        open_endpoint(
            "https://example.com", model="m", key_variable=name, environment={name: "precious"}
        )
    assert "precious" not in str(caught.value)
