"""Nothing from outside acts in an examination as text, Markdown, page or JSON."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from firstmile.findings import Outcome
from firstmile.rendering.examination import as_text
from firstmile.rendering.examination_json import as_json
from firstmile.rendering.examination_markdown import as_markdown, explained
from firstmile.rendering.examination_page import as_page

from .checkups import (
    FLAG,
    finding,
    hostile,
    told,
)


@pytest.mark.parametrize("tell", [as_text, as_markdown, as_page, as_json])
def test_nothing_hostile_reaches_a_terminal(tell: Callable[[dict[str, Any]], str]) -> None:
    text = tell(hostile())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_html_in_what_was_read_is_inert_on_the_page() -> None:
    page = as_page(hostile(), all_of_it=True)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "javascript:1" in page
    assert not re.search(r'href="(?!https://)', page)
    assert "default-src 'none'" in page


def test_markdown_of_what_was_read_is_inert() -> None:
    html = MarkdownIt("commonmark").enable("table").render(as_markdown(hostile(), all_of_it=True))
    assert "<script" not in html
    assert "<a " not in html
    assert html.count("<pre>") >= 4


@pytest.mark.parametrize("text", ["www.evil.example", "see (WWW.evil.example)", "*Www.evil.org"])
def test_no_address_of_a_page_is_linked_in_markdown(text: str) -> None:
    said = as_markdown(told(finding(FLAG, Outcome.FAIL, text), subject="x"))
    assert not re.search(r"(?i)(?<!`)www\.", said)


def test_json_says_exactly_what_was_read() -> None:
    data = hostile()
    assert json.loads(as_json(data)) == data


@given(st.text())
def test_any_text_comes_back_from_json_that_can_be_printed(text: str) -> None:
    written = as_json({"x": text})
    written.encode("utf-8")
    assert json.loads(written) == {"x": text}


def test_names_that_are_no_utf8_are_spelled_out_in_json() -> None:
    written = as_json({"x": "a\udcfc", "\ud800": 1})
    assert json.loads(written) == {"x": "a\\udcfc", "\\ud800": 1}
    written.encode("utf-8")


@given(st.text(alphabet="ab`*_<>[]()&\\\n"))
def test_code_in_a_text_of_ours_opens_no_markup(text: str) -> None:
    html = MarkdownIt("commonmark").render(f"x {explained(text)}")
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "code"}


def test_flags_on_the_page_are_kept_whole_and_stay_inert() -> None:
    page = as_page(told(finding(FLAG, Outcome.FAIL, "Say --chat-template 'x' or -tp, not a--b.")))
    said = 'Say <span class="flag">--chat-template</span> &#x27;x&#x27; or <span class="flag">-tp'
    assert said in page
    assert "a--b" in page
    assert "<script" not in as_page(
        told(finding(FLAG, Outcome.FAIL, "--<script>alert(1)</script>"))
    )
