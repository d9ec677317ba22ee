"""Text from outside does nothing in Markdown, YAML and JSON, whatever it holds."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from firstmile.rendering.inert import visible
from firstmile.study.publishing.plain_text import json_text, markdown, table, yaml
from publishing.samples import LINES, NASTY

texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("<>&|`*_[]()!#~$\\\"'@:/-=+.\n\r\t\0\u202e\u2028\ud800"),
    ),
    max_size=60,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

QUIET = {"inline", "text", "paragraph_open", "paragraph_close", "text_special", "softbreak"}
READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})


def tokens(text: str) -> Iterator[Token]:
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def read(text: str) -> str:
    """Return what a reader of Markdown sees of a line."""
    inline = (t for t in READER.parse(text) if t.type == "inline")
    return "".join(c.content for t in inline for c in t.children or ())


@given(texts)
def test_markdown_shows_text_as_it_is_and_makes_nothing_of_it(text: str) -> None:
    wanted = visible(" ".join(text.split()))
    for line, seen in (
        (f"Name: {markdown(text)}.", f"Name: {wanted}."),
        (markdown(text), wanted),
        (f"{markdown(text)} and so on", f"{wanted} and so on".lstrip(" ")),
    ):
        assert "\n" not in line
        assert {token.type for token in tokens(line)} <= QUIET
        assert read(line).replace("\u2060", "") == seen


BEGINNINGS = (
    *("- a", "+ a", "* a", "---", "===", "1. a", "12) a", "# a", "> a", "~~~", "```"),
    *("<script a", "<!-- a", "<?php a", "<div", "<![CDATA[", "[a]: b", "| a | b |"),
)


@pytest.mark.parametrize("text", BEGINNINGS)
def test_a_line_that_begins_like_a_list_or_a_heading_is_text(text: str) -> None:
    for line in (markdown(text), f"- {markdown(text)}"):
        kinds = {token.type for token in tokens(line)}
        assert kinds <= QUIET | {
            *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close")
        }
        assert sum(token.type == "list_item_open" for token in tokens(line)) <= line.startswith(
            "- "
        )
    assert read(markdown(text)) == text


@pytest.mark.parametrize("text", [NASTY, LINES, "a|b", "https://x.example", "www.x.example"])
def test_a_table_keeps_its_cells(text: str) -> None:
    lines = table(("one", "two"), [(markdown(text), 1), (markdown(text), 2_000)])
    parsed = READER.parse("\n".join(lines))
    cells = [
        "".join(child.content for child in token.children or ()).replace("\u2060", "")
        for token in parsed
        if token.type == "inline"
    ]
    shown = visible(" ".join(text.split()))
    assert cells == ["one", "two", shown, "1", shown, "2,000"]
    assert [token.type for token in parsed].count("tr_open") == 3


def test_addresses_are_not_made_links_of() -> None:
    shown = markdown("see https://evil.example or www.evil.example")
    assert "https:" not in shown
    assert "www." not in shown


@given(texts)
def test_a_scalar_of_yaml_is_one_line_and_gives_the_visible_text_back(text: str) -> None:
    scalar = yaml(text)
    assert scalar.splitlines() == [scalar]
    assert json.loads(scalar) == visible(text)
    assert all(visible(character) == character for character in scalar)


@given(anything)
def test_json_gives_every_value_back_and_holds_nothing_unseen(value: object) -> None:
    for indent in (None, 2):
        text = json_text(value, indent=indent)
        assert json.loads(text) == value
        assert "<" not in text
        assert all(c == "\n" or visible(c) == c for c in text)
        text.encode()


def test_json_without_indent_is_one_line() -> None:
    assert json_text({"a": [LINES, NASTY]}).count("\n") == 0
