import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.screening.keywords import (
    KEYWORDS,
    find_keywords,
    keyword_screen,
    own_keywords,
    screen_texts,
)
from firstmile.taxonomy import Axis, Term, load_taxonomy

NAMED_IN_THE_PAPER = keyword_screen(KEYWORDS[:1])


@pytest.mark.parametrize(
    "text",
    [
        "a bug",
        "It CRASHED",
        "RuntimeError: no",
        "CUDA_ERROR_UNKNOWN",
        "出现error了",
        "bug。",
        "(errors)",
    ],
)
def test_the_named_words_are_found_in_every_form(text: str) -> None:
    assert NAMED_IN_THE_PAPER.passes(text)


@pytest.mark.parametrize(
    "text", ["debug output", "ladybug", "errorless", "bugle", "", "a question"]
)
def test_parts_of_other_words_are_not(text: str) -> None:
    assert not NAMED_IN_THE_PAPER.passes(text)


@pytest.mark.parametrize(
    "text", ["加载模型时报错", "顯示錯誤", "程序卡住不动", "显存不足", "输出乱码"]
)
def test_chinese_needs_no_space_around_it(text: str) -> None:
    assert keyword_screen().passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "401 Unauthorized",
        "Download gives 403 Forbidden",
        "Connection reset by peer",
        "Permission denied: '/models'",
        "404 for the weights",
        "Access to model is gated: 401",
        "connection refused",
        "the run exited with exit code 137",
        "there is no output at all",
        "new release gives different output",
        "下载被拒绝",
        "没有权限访问该模型",
        "连接断开，下载不了权重",
        "服务启动不了",
        "模型一直复读，不停",
        "輸出亂碼",
        "權限不足",
    ],
)
def test_a_failure_told_without_the_word_error_is_found(text: str) -> None:
    assert keyword_screen().passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please add support for Blackwell",
        "How do I set 4011 tokens?",
        "Where are the docs?",
        "你好",
    ],
)
def test_a_request_or_question_without_a_failure_is_not(text: str) -> None:
    assert not keyword_screen().passes(text)


@pytest.mark.parametrize(
    "term",
    [term for axis in (Axis.SYMPTOM, Axis.CAUSE) for term in load_taxonomy().leaves(axis)],
    ids=lambda term: term.code,
)
def test_the_example_of_every_leaf_is_found(term: Term) -> None:
    assert keyword_screen().passes(term.example.line)


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert {hit.keyword for hit in find_keywords("It doesn\u2019t load")} == {"doesn't"}


def test_every_place_is_reported_in_order() -> None:
    text = "Error: it hangs, then error"
    assert [(hit.keyword, text[hit.start : hit.end]) for hit in find_keywords(text)] == [
        ("error", "Error"),
        ("hang", "hang"),
        ("error", "error"),
    ]


@given(st.text(alphabet=st.sampled_from("İiẞ错误 bugcrash'’\n_1"), max_size=80))
def test_places_hold_the_keyword_whatever_the_letters(text: str) -> None:
    for hit in find_keywords(text):
        found = text[hit.start : hit.end].replace("İ", "i").replace("’", "'").lower()
        assert found == hit.keyword


@given(st.lists(st.text(max_size=60), max_size=8))
def test_passing_and_finding_agree(texts: list[str]) -> None:
    assert screen_texts(texts) == [bool(find_keywords(text)) for text in texts]
    screen = keyword_screen()
    for text in texts:
        assert screen.present(text) == {hit.keyword for hit in find_keywords(text)}


def test_a_studys_own_words_may_be_starts_and_ends() -> None:
    group = own_keywords(["crash*", "*Error", "崩", "oom", "*nan*", " ", "*"])
    screen = keyword_screen((group,))
    assert [each.text for each in group.keywords] == ["crash", "error", "崩", "oom", "nan"]
    assert screen.passes("crashing")
    assert screen.passes("ValueError")
    assert screen.passes("又崩了")
    assert screen.passes("banana")
    assert not screen.passes("zoom")


def test_no_keyword_is_listed_twice_and_each_group_says_why() -> None:
    words = [keyword.text for group in KEYWORDS for keyword in group.keywords]
    assert len(words) == len(set(words))
    assert all(group.reason and group.keywords for group in KEYWORDS)
    assert all(word == word.lower().strip() and word for word in words)


@pytest.mark.parametrize(
    "text", ["erro" * 500_000, "bug" * 700_000, "a" * 2_000_000, "错" * 700_000]
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    start = time.process_time()
    find_keywords(text)
    assert time.process_time() - start < 3
