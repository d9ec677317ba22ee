"""Quotation marks that are never closed, and values that run over several lines."""

import csv
import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.findings import Outcome
from firstmile.study.reading import read_source
from firstmile.study.reading.quotation import Quotation
from reading.sources import Refusal

LABELS = "hang/fine-tuning,configuration/inference,inference"
HEADER = "symptom,cause,stage,version\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "u.csv"
    path.write_bytes(text.encode())
    return path


def rows(*last: str, before: str = LABELS) -> str:
    return HEADER + "".join(f"{before},{value}\n" for value in last)


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
def test_a_mark_in_the_last_column_that_is_never_closed_is_told_with_its_record(
    tmp_path: Path, refusal: Refusal, end: str
) -> None:
    path = written(tmp_path, rows("a", '"b', *"cccccccc").rstrip("\n") + end)
    assert refusal(path) == (
        "Record 2 of u.csv opens a quotation mark that is never closed; close it."
    )


def test_a_mark_that_only_the_last_record_opens_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path, rows("a", "b", '"c'))
    assert refusal(path).startswith("Record 3 of u.csv opens a quotation mark")


def test_a_mark_that_the_header_opens_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path, f'symptom,cause,stage,"version\n{LABELS},a\n')
    assert "quotation mark" in refusal(path)


def test_a_mark_in_a_column_that_is_not_read_is_told(tmp_path: Path, refusal: Refusal) -> None:
    text = f'symptom,cause,stage,remark\n{LABELS},a\n{LABELS},"b\n{LABELS},c\n'
    assert refusal(written(tmp_path, text)).startswith("Record 2 of u.csv opens")


@pytest.mark.parametrize(
    "last",
    [('"b', "c", '"d'), ('"b', '"d'), ('"b', "c", '"'), ('"b', '"'), ('"b', "c", '"d"')],
)
def test_two_marks_that_are_never_closed_swallow_no_rows_between_them(
    tmp_path: Path, refusal: Refusal, last: tuple[str, ...]
) -> None:
    assert refusal(written(tmp_path, rows("a", *last, "e"))) == (
        "Record 2 of u.csv opens a quotation mark that is never closed; close it."
    )


def test_a_value_over_several_lines_is_a_finding(tmp_path: Path) -> None:
    reading = read_source(str(written(tmp_path, rows("a", '"one, two, three, four\ntwo"', "c"))))
    finding = next(f for f in reading.findings if f.source == "line-break-in-a-value")
    assert len(reading.failures) == 3
    assert finding.outcome is Outcome.WARN
    assert [(place.file, place.record) for place in finding.evidence] == [("u.csv", 2)]


def test_marks_inside_a_value_are_letters(tmp_path: Path) -> None:
    path = written(tmp_path, rows('5" screen', 'a "b', '"say ""b"""', '""', "e"))
    assert len(read_source(str(path)).failures) == 5


FIELD = st.text(alphabet='ab",\n\r é', max_size=6)


@given(
    table=st.lists(st.lists(FIELD, min_size=3, max_size=3), min_size=1, max_size=8),
    all_quoted=st.booleans(),
    size=st.integers(1, 40),
)
def test_what_a_writer_wrote_is_followed_record_by_record(
    table: list[list[str]], all_quoted: bool, size: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL) if all_quoted else csv.writer(text)
    writer.writerows([["x", "y", "z"], *table])
    followed = Quotation("t.csv", 3)
    data = text.getvalue().encode()
    for start in range(0, len(data), size):
        followed.feed(data[start : start + size])
    followed.finish()
    broken = [n for n, row in enumerate(table, 1) if any("\n" in v or "\r" in v for v in row)]
    assert followed.broken.tolist() == broken


def is_closed(text: str) -> bool:
    """Say the same letter by letter."""
    state = "begin"
    for letter in text:
        if state == "inside":
            state = "after" if letter == '"' else "inside"
        elif letter == '"' and state in ("begin", "after"):
            state = "inside"
        else:
            state = "begin" if letter in ",\n\r" else "plain"
    return state != "inside"


@given(text=st.text(alphabet='a",\n', max_size=30), size=st.integers(1, 12))
def test_an_open_value_at_the_end_is_never_missed(text: str, size: int) -> None:
    data = text.encode()
    followed = Quotation("t.csv", 3)
    try:
        for start in range(0, len(data), size):
            followed.feed(data[start : start + size])
        followed.finish()
    except UserError:
        return
    assert is_closed(text)


def test_a_million_quoted_rows_cost_little(tmp_path: Path) -> None:
    block = (f'"{LABELS.replace(",", chr(34) + "," + chr(34))}","5"\n' * 1_000_000).encode()
    followed = Quotation("t.csv", 4)
    started = time.process_time()
    for start in range(0, len(block), 4 << 20):
        followed.feed(block[start : start + (4 << 20)])
    followed.finish()
    assert time.process_time() - started < 4
