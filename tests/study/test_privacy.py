"""What is stored names nobody, says who is whom, and keeps what tells of the failure."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.privacy import Pseudonyms, protect

KEY = b"a key of these tests"
PSEUDONYMS = Pseudonyms(KEY)
ADA = PSEUDONYMS.of("ada")


def protected(payload: Any) -> Any:
    return protect(payload, PSEUDONYMS).payload


def test_a_pseudonym_is_the_same_in_any_case_and_for_ever() -> None:
    assert PSEUDONYMS.of("Ada") == Pseudonyms(KEY).of("aDA") == ADA
    assert PSEUDONYMS.of(ADA) == ADA


def test_a_pseudonym_depends_on_the_key() -> None:
    assert Pseudonyms(b"another").of("ada") != ADA
    assert Pseudonyms(b"k" * 100).of("ada") != Pseudonyms(b"k" * 101).of("ada")


def test_a_key_is_needed() -> None:
    with pytest.raises(ValueError, match="key"):
        Pseudonyms(b"")


def test_a_person_becomes_a_pseudonym_and_nothing_else() -> None:
    user = {"login": "ada", "id": 1, "node_id": "x", "type": "User", "html_url": "https://x/ada"}
    assert protected({"user": user}) == {"user": {"login": ADA}}


@pytest.mark.parametrize(
    ("robot", "key"),
    [
        ({"login": "stale[bot]", "type": "Bot"}, "type"),
        ({"login": "stale", "__typename": "Bot"}, "__typename"),
        ({"login": "app/stale", "is_bot": True, "name": ""}, "type"),
    ],
)
def test_a_robot_is_still_known_as_one(robot: dict[str, Any], key: str) -> None:
    assert protected(robot) == {"login": PSEUDONYMS.of(robot["login"]), key: "Bot"}
    assert protected(protected(robot)) == protected(robot)


def test_what_only_repeats_a_person_or_points_at_the_api_goes() -> None:
    issue = {
        "html_url": "https://github.com/o/r/issues/7",
        "url": "https://api.github.com/repos/o/r/issues/7",
        "comments_url": "https://api.github.com/repos/o/r/issues/7/comments",
        "node_id": "I_1",
        "user": None,
        "user_data": {"login": "ada", "name": "Ada Lovelace", "email": "ada@x.org"},
        "assignees": ["ada"],
        "author": "ada",
        "commit": {"name": "Ada Lovelace", "email": "ada@x.org", "date": "2024-01-01"},
        "labels": [{"name": "bug"}],
    }
    assert protected(issue) == {
        "html_url": "https://github.com/o/r/issues/7",
        "url": "https://api.github.com/repos/o/r/issues/7",
        "user": None,
        "assignees": [ADA],
        "author": ADA,
        "commit": {"date": "2024-01-01"},
        "labels": [{"name": "bug"}],
    }


@pytest.mark.parametrize(
    "text",
    [
        "thanks @ada!",
        "@ada: please",
        "cc @ada, @Ada.",
        "(@ADA)",
        "[@ada](https://github.com/ada)",
        "多谢@ada，好的",
        "like `@ada` said",
        "see https://github.com/ada for more",
        "https://www.github.com/ada/",
        "https://gist.github.com/ada/0123456789abcdef0123456789abcdef",
        "broken: ```\nlog\n```\nthanks @ada\nmore: ```\nlog\n```",
        "```\nnever closed\n\nthanks @ada",
    ],
)
def test_a_person_in_a_text_gets_the_same_pseudonym(text: str) -> None:
    assert ADA in protected(text)
    assert "ada" not in protected(text).lower().replace(ADA, "")


@pytest.mark.parametrize(
    "text",
    [
        "```python\n@dataclass\nclass A:\n    pass\n@ada_decorator_x\n@jit\ndef f(): ...\n```",
        "the @torch.no_grad() decorator",
        "@jit\ndef f(): ...",
        "npm install @octokit/rest @types/node@18",
        "y = q @ k + a@b",
        "image@sha256:0a1b",
        "@property and @staticmethod",
        "git@github.com:vllm-project/vllm.git",
        "https://github.com/vllm-project/vllm/issues/1",
        "https://github.com/features and github.com/login",
        "https://huggingface.co/Qwen/Qwen2.5-7B",
        "https://medium.com/@someone/post",
        "@support_torch_compile",
        "vllm@main",
    ],
)
def test_code_and_addresses_are_no_people(text: str) -> None:
    assert protected(text) == text


def test_names_that_are_public_stay() -> None:
    text = "@vllm-project and https://github.com/vllm-project but not @ada"
    found = protect(text, PSEUDONYMS, public=["vllm-project"])
    assert found.payload == text.replace("ada", ADA)


def test_texts_are_redacted_and_counted() -> None:
    found = protect({"body": "ada@x.org at /home/ada/x", "user": {"login": "ada"}}, PSEUDONYMS)
    assert found.payload == {"body": "<email> at /home/<user>/x", "user": {"login": ADA}}
    assert found.counts == {"email": 1, "user": 1, "account": 1}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["@ada hi", "x@y.org", "```\n@ada\n```", "github.com/ada", "/home/ada/x"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["login", "user", "author", "name", "email", "a_url", "body", "type"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_protecting_twice_changes_nothing(payload: Any) -> None:
    once = protect(payload, PSEUDONYMS)
    again = protect(once.payload, PSEUDONYMS)
    assert again.payload == once.payload
    assert not again.counts


@given(JSON)
def test_a_payload_stays_json(payload: Any) -> None:
    json.dumps(protected(payload))


def test_depth_is_no_danger() -> None:
    payload: Any = "@ada"
    for _ in range(200):
        payload = {"a": [payload]}
    assert ADA in json.dumps(protected(payload))
    for _ in range(2000):
        payload = [payload]
    with pytest.raises(UserError, match="levels deep"):
        protected(payload)


@pytest.mark.parametrize("piece", ["@", "`", "```\n", "@a ", "github.com/", "~~~\n", "> ", "@a-"])
def test_a_hostile_megabyte_is_walked_in_seconds(piece: str) -> None:
    start = time.process_time()
    protected(piece * (1_000_000 // len(piece)))
    assert time.process_time() - start < 8
