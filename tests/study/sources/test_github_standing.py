"""What is kept between two pages comes back as it was, and odd payloads harm nobody."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.github.numbers import HIGHEST, pack, unpack
from firstmile.study.github.payload import read_issue
from firstmile.study.github.sizes import MOST, PageSize
from firstmile.study.github.standing import Phase, Standing, earlier_than, fingerprint
from firstmile.study.issues import Record

NUMBERS = st.sets(st.integers(1, 40_000), max_size=200)
MOMENT = "2024-05-01T12:00:00Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = (
    "title", "body", "state", "stateReason", "labels", "author", "comments", "nodes", "login",
    "url", "locked", "timelineItems", "totalCount", "__typename", "canonical",
)  # fmt: skip
NODES = st.recursive(
    JSON | st.sampled_from(["MarkedAsDuplicateEvent", "UnmarkedAsDuplicateEvent"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(NUMBERS)
def test_a_set_of_numbers_comes_back(numbers: set[int]) -> None:
    assert unpack(pack(numbers)) == numbers


def test_many_numbers_take_little_room() -> None:
    assert len(pack(range(0, 40_000, 3))) < 300
    assert len(pack({40_000})) < 100


@pytest.mark.parametrize("number", [-1, HIGHEST + 1])
def test_a_number_beyond_reason_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no number of an issue"):
        pack({number})


@given(st.text(max_size=40))
def test_any_other_text_is_no_set(text: str) -> None:
    try:
        assert pack(unpack(text)) or text == ""
    except ValueError:
        return


@given(
    phase=st.sampled_from(Phase),
    known=NUMBERS,
    found=NUMBERS,
    seen=st.dictionaries(st.integers(1, 999), st.tuples(st.text(), st.text()), max_size=5),
    owed=st.lists(st.integers(1, 999), max_size=5),
    texts=st.lists(st.none() | st.text(), min_size=5, max_size=5),
)
def test_a_standing_comes_back(
    phase: Phase,
    known: set[int],
    found: set[int],
    seen: dict[int, tuple[str, str]],
    owed: list[int],
    texts: list[str | None],
) -> None:
    standing = Standing(phase=phase, known=known, found=found, seen=seen, owed=owed)
    standing.cursor, standing.etag, standing.mark, standing.next_etag, standing.next_mark = texts
    stored = msgspec.json.decode(msgspec.json.encode(standing.write()))
    assert Standing.read(stored, "a/b") == standing


@given(st.dictionaries(st.sampled_from(["version", "phase", "known", "seen", "owed", "x"]), JSON))
def test_any_other_state_is_a_sentence(state: dict[str, Any]) -> None:
    said = ""
    try:
        Standing.read(state, "a/b\x1b[31m")
    except UserError as error:
        said = str(error)
    assert said.isprintable()


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(KEYS), NODES))
def test_any_archived_payload_is_some_issue(payload: dict[str, Any]) -> None:
    issue = read_issue(Record(repository="a/b", number=3, payload=payload), MOMENT)
    assert (issue.repository, issue.number, issue.fetched_at) == ("a/b", 3, MOMENT)
    assert issue.missing_comments >= 0
    assert msgspec.json.decode(msgspec.json.encode(issue), type=type(issue)) == issue


def test_comments_that_github_did_not_send_are_counted() -> None:
    payload = {"comments": {"totalCount": 7, "nodes": [{"body": "one"}]}}
    assert (
        read_issue(Record(repository="a/b", number=3, payload=payload), MOMENT).missing_comments
        == 6
    )


def test_a_pass_looks_back_a_little() -> None:
    assert earlier_than(MOMENT) == "2024-05-01T11:55:00Z"
    assert earlier_than("soon") is None


def test_the_order_of_keys_changes_no_fingerprint() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_days_count_as_added_only_where_they_were_left_out() -> None:
    first, second = date(2024, 1, 1), date(2024, 6, 1)
    cases = [
        ((None, None), (None, None), False),
        ((None, None), (first, second), False),
        ((first, None), (None, None), True),
        ((second, None), (first, None), True),
        ((first, None), (second, None), False),
        ((None, first), (None, second), True),
        ((None, second), (None, first), False),
        ((None, first), (None, None), True),
    ]
    for before, after, added in cases:
        standing = Standing()
        standing.bound(*before)
        assert standing.bound(*after) is added


@given(st.lists(st.booleans(), max_size=60))
def test_a_page_size_stays_within_githubs_bounds(course: list[bool]) -> None:
    size = PageSize()
    for good in course:
        size.succeeded() if good else size.ease()
        assert 1 <= size.issues <= MOST
        assert 6 <= size.comments <= MOST
    for _ in range(30):
        size.succeeded()
    assert (size.issues, size.comments) == (MOST, MOST)


def test_a_page_size_reaches_the_least_before_patience_ends() -> None:
    size, steps = PageSize(), 0
    while not size.least:
        size.ease()
        steps += 1
    assert steps <= 6
