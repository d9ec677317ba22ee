"""Links are brought into one form, and name their repository."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.reading.links import read_links, repository_name

PLAIN = "https://github.com/example/Qwen-demo/issues/17"


@pytest.mark.parametrize(
    "written",
    [
        PLAIN + "/",
        PLAIN + "#issuecomment-1",
        PLAIN + "?plain=1",
        PLAIN + ").",
        f" {PLAIN} ",
        PLAIN.replace("https", "http"),
        PLAIN.replace("https://", ""),
        PLAIN.replace("github.com", "www.GitHub.com"),
        PLAIN.replace("/issues", "/Issues"),
    ],
)
def test_junk_around_a_link_goes_and_is_told(written: str) -> None:
    links = read_links([written])
    assert list(links.urls) == [PLAIN]
    assert list(links.repositories) == ["example/Qwen-demo"]
    assert list(links.rewritten) == [0]


@pytest.mark.parametrize(
    "written",
    [
        "https://gitlab.com/example/demo/issues/17",
        "https://github.com/example/demo",
        "https://github.com/example/demo/issues/0",
        "https://github.com/example/demo/issues/x",
        "https://github.com/example/demo/issues/12345678901",
        "https://github.com.evil.example/a/b/issues/1",
        "javascript:alert(1)",
        "17",
    ],
)
def test_what_names_no_issue_stays_as_it_is(written: str) -> None:
    links = read_links([PLAIN, written])
    assert list(links.urls) == [PLAIN, written]
    assert list(links.repositories) == ["example/Qwen-demo", None]
    assert list(links.no_issue) == [1]


def test_pull_requests_and_discussions_stay_what_they_are() -> None:
    for kind in ("pull", "discussions"):
        written = f"https://github.com/example/demo/{kind}/3"
        links = read_links([written])
        assert list(links.urls) == [written]
        assert list(links.repositories) == ["example/demo"]
        assert not links.rewritten


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("example/demo", "example/demo"),
        ("https://github.com/example/demo.git", "example/demo"),
        ("github.com/example/demo/", "example/demo"),
        ("demo", "demo"),
    ],
)
def test_a_repository_is_owner_and_name(written: str, name: str) -> None:
    assert repository_name(written) == name


def test_a_line_break_in_a_link_is_no_second_link() -> None:
    links = read_links([f"{PLAIN}\n{PLAIN}", "elsewhere"])
    assert list(links.repositories) == ["example/Qwen-demo", None]
    assert len(links.urls) == 2


@given(st.lists(st.text(max_size=40) | st.just(PLAIN)))
def test_reading_links_twice_changes_nothing_more(written: list[str]) -> None:
    once = read_links(written)
    twice = read_links(once.urls)
    assert list(twice.urls) == list(once.urls)
    assert list(twice.repositories) == list(once.repositories)
