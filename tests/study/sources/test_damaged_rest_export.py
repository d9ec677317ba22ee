"""An export that is cut, damaged or no export at all gives what came before, and one sentence."""

import contextlib
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.sources import rest_export
from sources.export_files import Study, lines, packed, rest_issue


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(rest_export, tmp_path)


def test_a_broken_line_is_passed_over_and_said(study: Study) -> None:
    good = lines([rest_issue(1)])
    study.write("a.jsonl", good + b'{"number": \n' + b"[1]\n" + b'{"a": "\xff"}\n' + good)
    (page,) = study.pages()
    assert [record.number for record in page.records] == [1, 1]
    assert page.done
    assert page.warnings[0].startswith("a.jsonl: 3 lines are broken and passed over (line 2: ")


@pytest.mark.parametrize("size", [0.3, 0.6, 0.99])
def test_a_cut_gzip_keeps_what_came_before_and_names_file_and_line(
    study: Study, size: float
) -> None:
    data = packed(lines([rest_issue(number) for number in range(1, 2000)]))
    study.write("a.jsonl.gz", data[: int(len(data) * size)])
    pages, error = study.pages_until_error("a.jsonl.gz")
    found = [record.number for page in pages for record in page.records]
    assert re.match(r"a\.jsonl\.gz breaks off after line \d+: ", error)
    assert not any(page.done for page in pages)
    assert found == list(range(1, len(found) + 1))
    assert len(found) > 100
    study.write("a.jsonl.gz", data)
    assert sum(len(page.records) for page in study.pages(state=pages[-1].state)) == 1999


def test_a_damaged_gzip_is_one_sentence(study: Study) -> None:
    data = bytearray(packed(lines([rest_issue(number) for number in range(1, 2000)])))
    data[len(data) // 2 : len(data) // 2 + 40] = b"\0" * 40
    study.write("a.jsonl.gz", bytes(data))
    with pytest.raises(UserError, match=r"a\.jsonl\.gz (is damaged|breaks off) after line \d+"):
        study.pages()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"<!doctype html>", "is a web page"),
        (b"number,title\n1,x\n2,y\n", "holds no JSON objects .line 1"),
        (b'[{"number": 1}, {"num', "is broken JSON at line 1, after 1 records"),
        (b"\x1f\x8b", "breaks off|is damaged"),
    ],
)
def test_what_is_no_export_is_one_sentence(study: Study, data: bytes, said: str) -> None:
    study.write("a.json", data)
    with pytest.raises(UserError, match=said):
        study.pages()


@pytest.mark.parametrize("has_isal", [True, False])
def test_members_padding_and_large_ratios_unpack_with_and_without_isal(
    study: Study, has_isal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_isal:
        monkeypatch.setitem(sys.modules, "isal.igzip_lib", None)
    big = rest_issue(2, body="a" * 5_000_000)
    parts = [packed(lines([rest_issue(1)])), packed(lines([big])), packed(lines([rest_issue(3)]))]
    study.write("a.jsonl.gz", b"".join(parts) + b"\0" * 512)
    (page,) = study.pages()
    assert [record.number for record in page.records] == [1, 2, 3]
    assert len(page.records[1].payload["body"]) == 5_000_000
    study.write("a.jsonl.gz", b"".join(parts)[:-9])
    _, error = study.pages_until_error("a.jsonl.gz")
    assert "breaks off" in error


@pytest.mark.parametrize("end", [b"\n", b"]"], ids=["line", "list"])
def test_a_number_of_ten_thousand_digits_is_no_traceback(study: Study, end: bytes) -> None:
    begin = b"[" if end == b"]" else json.dumps(rest_issue(1)).encode() + b"\n"
    study.write("a.json", begin + b'{"number": ' + b"9" * 10_000 + b"}" + end + end)
    pages, error = study.pages_until_error("a.json") if end == b"]" else (study.pages(), "")
    assert sum(len(page.records) for page in pages) == (0 if error else 1)


def test_a_cut_list_keeps_the_issues_before_the_cut(study: Study) -> None:
    whole = json.dumps([rest_issue(1), rest_issue(2), rest_issue(3)])
    study.write("a.json", whole[: len(whole) - 30].encode())
    pages, error = study.pages_until_error("a.json")
    assert [record.number for page in pages for record in page.records] == [1, 2]
    assert "after 2 records" in error


def test_depth_is_one_broken_line(study: Study) -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    study.write("a.jsonl", lines([rest_issue(1)]) + deep + b"\n")
    (page,) = study.pages()
    assert len(page.records) == 1
    assert "line 2: nested too deeply" in page.warnings[0]


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=200).map(lambda data: b'{"number": 1}\n' + data),
        st.binary(max_size=200).map(lambda data: b'[{"number": 1},' + data),
        st.binary(max_size=200).map(lambda data: packed(b'{"number": 1}\n')[:-3] + data),
    )
)
def test_any_bytes_are_read_or_refused_in_one_sentence(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        study = Study(rest_export, Path(folder), {"files": ["a"], "repositories": ["o/r"]})
        study.write("a", data)
        with contextlib.suppress(UserError):
            study.pages()
            return
        _, error = study.pages_until_error("a")
        assert re.fullmatch(r"[^\n]+\.", error)


@pytest.mark.parametrize(
    ("start", "junk", "end"),
    [
        (b"[", b"1,", b"1]"),
        (b"[" + lines([rest_issue(1)]) + b",", b"1,", b"1]"),
        (b"", b"1\n", b""),
        (b"[", b"[1],", b"1]"),
        (lines([rest_issue(1)]), b"x\n", b""),
    ],
)
def test_packed_junk_is_refused_at_once(
    study: Study, start: bytes, junk: bytes, end: bytes
) -> None:
    study.write("a.json.gz", packed(start + junk * (10 * 2**20 // len(junk)) + end))
    began = time.monotonic()
    pages, said = study.pages_until_error("a.json.gz")
    assert time.monotonic() - began < 15
    assert "holds more than 1,000 broken records (line " in said
    assert [record.number for page in pages for record in page.records] == [1] * (len(start) > 9)


def test_packed_objects_of_nothing_end_too(study: Study) -> None:
    study.write("a.json.gz", packed(b"[" + b"{}," * 100_000 + b"{}]"))
    assert study.pages_until_error("a.json.gz")[1].startswith(
        "a.json.gz names no issue, neither by address nor by repository and number, in any of "
        "its 100,001 records: "
    )


def test_records_that_name_no_issue_are_counted(study: Study) -> None:
    nameless = {"title": "x"}
    study.write("a.jsonl", lines([nameless, rest_issue(1), nameless]))
    (page,) = study.pages()
    assert page.warnings == (
        "a.jsonl: 2 records name no issue, neither by address nor by repository and number, and "
        "were passed over (the first is number 1).",
    )
