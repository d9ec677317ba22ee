"""Data files show their form, fields and roles, and never break whoever reads them."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.facts.data_file import MOST_RECORDS, read_data_file

CHAT = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho!"}]}
SHARED = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "bb"}]}


def test_lines_of_json_show_their_keys_and_roles() -> None:
    data = "\n".join(json.dumps(each) for each in (CHAT, CHAT)).encode()
    found = read_data_file("d.jsonl", data, whole=True)
    assert (found.form, found.records, found.keys) == ("jsonl", 2, ("messages",))
    assert found.roles == ("user", "assistant")
    assert found.longest_characters == 5
    assert found.problem is None


def test_a_list_of_json_is_read_like_lines() -> None:
    found = read_data_file("d.json", json.dumps([SHARED, SHARED]).encode(), whole=True)
    assert (found.form, found.records, found.roles) == ("json", 2, ("human", "gpt"))


def test_one_object_holds_the_records_in_its_list() -> None:
    held = {"version": "1", "data": [{"instruction": "a", "output": "b"}]}
    found = read_data_file("d.json", json.dumps(held, indent=1).encode(), whole=True)
    assert (found.records, found.keys) == (1, ("instruction", "output"))


def test_lines_in_a_file_that_ends_in_json_are_seen_as_lines() -> None:
    found = read_data_file("d.json", b'{"text": "a"}\n{"text": "b"}\n', whole=True)
    assert (found.form, found.records) == ("jsonl", 2)


def test_the_first_broken_line_is_named_by_its_number() -> None:
    data = b'{"text": "a"}\n\n{"text": "b"\n[1]\n{"text": "  "}\n'
    found = read_data_file("d.jsonl", data, whole=True)
    assert (found.records, found.broken, found.first_broken, found.empty) == (4, 2, 2, 1)


def test_a_cut_file_leaves_its_last_record_out() -> None:
    lines = b'{"text": "a"}\n{"text": "b"}\n{"te'
    assert read_data_file("d.jsonl", lines, whole=False).broken == 0
    listed = b'[{"text": "a"}, {"text": "b"}, {"te'
    found = read_data_file("d.json", listed, whole=False)
    assert (found.records, found.broken, found.problem) == (2, 0, None)
    assert "no JSON" in str(read_data_file("d.json", listed, whole=True).problem)


def test_rows_of_csv_are_held_against_the_header() -> None:
    found = read_data_file("d.csv", b"prompt,completion\na,b\nc\n", whole=True)
    assert (found.form, found.keys) == ("csv", ("prompt", "completion"))
    assert (found.records, found.broken, found.first_broken) == (2, 1, 2)
    assert read_data_file("d.tsv", b"a\tb\n1\t2\n", whole=True).keys == ("a", "b")


def test_an_object_that_is_cut_shows_the_records_that_came() -> None:
    held = {"version": 1, "tags": [], "data": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}
    for indent in (None, 0, 2):
        text = json.dumps(held, indent=indent)
        found = read_data_file("d.json", text[: text.index('"c"') + 1].encode(), whole=False)
        assert (found.form, found.records, found.broken) == ("json", 2, 0), indent
        assert (found.keys, found.problem, found.whole) == (("text",), None, False)
    nothing = read_data_file("d.json", b'{"version": "1", "da', whole=False)
    assert (nothing.records, nothing.broken, nothing.problem) == (0, 0, None)


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_an_object_over_many_lines_is_one_object(indent: int | None) -> None:
    text = json.dumps({"data": [{"text": "a"}, {"text": "b"}]}, indent=indent)
    found = read_data_file("d.json", text.encode(), whole=True)
    assert (found.form, found.records, found.broken) == ("json", 2, 0)
    broken = read_data_file("d.json", text[:-1].encode() + b",}", whole=True)
    assert (broken.broken, "no JSON" in str(broken.problem)) == (0, True)


def test_one_conversation_is_one_record() -> None:
    found = read_data_file("d.json", json.dumps(CHAT).encode(), whole=True)
    assert (found.records, found.keys, found.roles) == (1, ("messages",), ("user", "assistant"))


def test_a_first_record_longer_than_what_was_read_is_not_broken() -> None:
    for name in ("d.json", "d.jsonl", "d.csv"):
        found = read_data_file(name, b'{"text": "' + b"a" * 500, whole=False)
        assert (found.records, found.broken, found.problem) == (0, 0, None)


SEPARATORS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e"


def test_separators_of_unicode_end_no_record() -> None:
    text = f"a{SEPARATORS}b"
    lines = json.dumps({"text": text}, ensure_ascii=False) + "\n"
    found = read_data_file("d.jsonl", (lines * 3).encode(), whole=True)
    assert found.records == 3
    rows = read_data_file("d.csv", f"p,c\n{text},x\n".encode(), whole=True)
    assert (rows.records, rows.broken, rows.problem) == (1, 0, None)


def test_long_fields_of_csv_are_read_and_the_limit_of_others_stays() -> None:
    before = csv.field_size_limit()
    found = read_data_file("d.csv", b"p,c\n" + b"a" * 200_000 + b",x\n", whole=True)
    assert (found.records, found.problem, found.longest_characters) == (1, None, 200_001)
    assert csv.field_size_limit() == before


def test_a_field_in_quotes_that_is_cut_is_no_broken_row() -> None:
    data = b'p,c\n"a\nb",x\n"c\nd\ne'
    found = read_data_file("d.csv", data, whole=False)
    assert (found.records, found.broken, found.problem) == (1, 0, None)


@given(records=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5), data=st.data())
def test_wherever_a_sound_file_is_cut_nothing_is_broken(
    records: list[str], data: st.DataObject
) -> None:
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerows([["p", "c"], *([one, "x"] for one in records)])
    held = [{"text": each} for each in records]
    forms = {
        "d.csv": table.getvalue(),
        "d.jsonl": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in held),
        "d.json": json.dumps({"version": 1, "data": held}, ensure_ascii=False, indent=1),
        "list.json": json.dumps(held, ensure_ascii=False),
    }
    for name, text in forms.items():
        whole = text.encode()
        assert read_data_file(name, whole, whole=True).broken == 0
        cut = data.draw(st.integers(0, len(whole)))
        found = read_data_file(name, whole[:cut], whole=False)
        assert found.broken == 0
        assert found.problem is None or not whole[:cut].strip()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        (b"\xff\xfe{\x00", "UTF-8"),
        (b"PAR1....", "Parquet"),
        (b"[]", "no records"),
    ],
)
def test_what_is_no_data_is_said(data: bytes, says: str) -> None:
    assert says in str(read_data_file("d.json", data, whole=True).problem)


def test_no_more_records_than_the_limit_are_read() -> None:
    data = b'{"a": "b"}\n' * (MOST_RECORDS + 100)
    assert read_data_file("d.jsonl", data, whole=True).records == MOST_RECORDS


def test_deep_nesting_is_a_broken_record() -> None:
    data = b"[" * 100_000
    assert read_data_file("d.jsonl", b'{"a":' + data + b"\n", whole=True).broken == 1
    assert read_data_file("d.json", data, whole=True).records == 0


@given(
    data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)),
    name=st.sampled_from(("a.json", "a.jsonl", "a.csv", "a.tsv", "a", "a.txt")),
    whole=st.booleans(),
)
def test_hostile_files_never_break_it(data: bytes, name: str, whole: bool) -> None:
    found = read_data_file(name, data, whole=whole)
    assert found.broken + found.empty <= found.records
