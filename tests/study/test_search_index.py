"""What is in the store is found by its words, Chinese included, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.folder import StudyFolder
from firstmile.study.search_index import FILE, SearchIndex
from firstmile.study.search_words import full_text_query, indexed
from firstmile.study.searching import Search
from ui.web.studies import REPORTS, add_issues, make, url_of


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    return make(tmp_path / "study")


@pytest.fixture
def index(study: StudyFolder) -> Iterator[SearchIndex]:
    made = SearchIndex(study.store.folder)
    made.refresh(study.store)
    yield made
    made.close()


def numbers(index: SearchIndex, words: str = "", **facets: Any) -> set[int]:
    return {hit.number for hit in index.search(Search(words=words, **facets)).hits}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("qwen9", {3}),
        ("QWEN9", {3}),
        ("header deserializing", {7}),
        ('"error while deserializing header"', {7}),
        ('"header deserializing"', set()),
        ("deserial", {7}),
        ("FlashAttention kernels", {8}),
        ("显存", {5}),
        ("显存不足", {5}),
        ("显", {5}),
        ("存显", set()),
        ("量化", {5}),
        ("***", set()),
        ('" OR 1', set()),
        ("title:crash", set()),
        ("NEAR(crash, 1) NOT x*", set()),
    ],
)
def test_words_find_issues(index: SearchIndex, words: str, found: set[int]) -> None:
    assert numbers(index, words) == found


def test_facets_narrow_and_count_what_is_left(index: SearchIndex) -> None:
    found = index.search(Search(state="open"))
    assert found.total == 3
    assert dict(found.facets["state"]) == {"closed": 9, "open": 3}
    assert dict(found.facets["repository"]) == {"acme/engine": 3}
    assert numbers(index, label="bug", state="open") == {11}
    assert numbers(index, "model", state="closed", year="2025") <= set(range(1, 13))
    assert index.search(Search(year="1999")).total == 0


def test_places_are_counted_and_move(index: SearchIndex) -> None:
    index.place_all({url_of(n): "to screen" for n in range(1, 13)})
    index.place({url_of(2): "to verify", url_of(99): "to verify"})
    assert numbers(index, place="to verify") == {2}
    assert dict(index.search(Search()).facets["place"]) == {"to screen": 11, "to verify": 1}


def test_changed_issue_is_found_by_its_new_words_alone(
    study: StudyFolder, index: SearchIndex
) -> None:
    title, body, comments = REPORTS[2]
    reports = [*REPORTS[:2], (title.replace("qwen9", "qwen10"), body, comments), *REPORTS[3:]]
    reports[2] = ("KeyError: 'qwen10'", "it is there now", comments)
    add_issues(study, reports)
    assert index.refresh(study.store)
    assert not index.refresh(study.store)
    assert numbers(index, "qwen9") == set()
    assert numbers(index, "qwen10") == {3}
    assert index.search(Search()).total == 12


def test_many_rounds_of_changes_do_not_wear_the_index_out(study: StudyFolder) -> None:
    index = SearchIndex(study.store.folder)
    for turn in range(12):
        add_issues(study, [(f"turn{turn} of {n}", "x", ()) for n in range(150)])
        index.refresh(study.store)
    assert index.search(Search(words="turn11")).total == 150
    assert index.search(Search(words="turn10")).total == 0
    index.close()


def test_damaged_index_is_made_anew(study: StudyFolder) -> None:
    (study.store.folder / FILE).write_bytes(b"no database at all" * 1_000)
    index = SearchIndex(study.store.folder)
    assert index.refresh(study.store)
    assert numbers(index, "qwen9") == {3}
    index.close()


def test_repository_that_left_the_store_is_forgotten(
    study: StudyFolder, index: SearchIndex
) -> None:
    add_issues(study, [("Other words", "", ())], repository="acme/other")
    index.refresh(study.store)
    assert numbers(index, "other") == {1}
    for path in (study.path / "archive").glob("*other*"):
        for file in path.iterdir():
            file.unlink()
    study.store.refresh(study.archive)
    index.refresh(study.store)
    assert numbers(index, "other") == set()
    assert dict(index.search(Search()).facets["repository"]) == {"acme/engine": 12}


@given(st.text(max_size=40))
def test_no_search_breaks_the_query_language(
    tmp_path_factory: pytest.TempPathFactory, words: str
) -> None:
    import sqlite3

    query = full_text_query(words)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(a, content='')")
    if query:
        connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,)).fetchall()
    connection.close()


@given(st.text("显存不足加载模型", min_size=2, max_size=12), st.data())
def test_every_part_of_a_chinese_run_is_found(text: str, data: st.DataObject) -> None:
    import sqlite3

    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(a, content='')")
    connection.execute("INSERT INTO words (rowid, a) VALUES (1, ?)", (indexed(f"a{text}b c"),))
    found = connection.execute(
        "SELECT count(*) FROM words WHERE words MATCH ?", (full_text_query(text[start:end]),)
    ).fetchone()
    connection.close()
    assert found == (1,)


def test_words_in_the_title_come_first(study: StudyFolder, index: SearchIndex) -> None:
    first = [hit.number for hit in index.search(Search(words="loss")).hits]
    assert first == [9]
    add_issues(study, [("Loss of words", "", ()), ("x", "loss", ())], repository="acme/other")
    index.refresh(study.store)
    found = index.search(Search(words="loss")).hits
    assert [hit.title for hit in found][-1] == "x"
