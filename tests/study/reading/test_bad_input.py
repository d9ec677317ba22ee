"""Text that is broken, cut off, wrongly encoded or too long is told with its file and record."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.reading import Ceilings
from reading.sources import GOOD, Refusal, published_row, write_folder


def test_broken_json_is_told_with_its_record(tmp_path: Path, refusal: Refusal) -> None:
    folder = write_folder(tmp_path, set=[published_row(1), published_row(2)])
    path = folder / "set.json"
    path.write_text(path.read_text().replace('"STAGE": "Inference", "model"', '"STAGE" "model"', 1))
    assert refusal(folder).startswith("Record 1 of set.json is broken JSON at line 1")


def test_json_that_breaks_off_is_told_with_its_record(tmp_path: Path, refusal: Refusal) -> None:
    folder = write_folder(tmp_path, set=[published_row(1), published_row(2)])
    path = folder / "set.json"
    path.write_text(path.read_text()[:-20])
    assert refusal(folder).startswith("Record 2 of set.json is broken JSON")


def test_json_with_something_after_its_list_is_broken(tmp_path: Path, refusal: Refusal) -> None:
    path = write_folder(tmp_path, set=[published_row(1)]) / "set.json"
    path.write_text(path.read_text() + "]")
    assert "broken JSON around line 1, after record 1" in refusal(path)


@pytest.mark.parametrize("value", ["NaN", "-Infinity", '"\\ud800"'])
def test_a_value_that_is_no_json_is_told_with_its_own_record(
    tmp_path: Path, refusal: Refusal, value: str
) -> None:
    broken = json.dumps(GOOD).replace('"hang"', value)
    path = tmp_path / "set.json"
    for before in (0, 1, 2):
        path.write_text(f"[{', '.join([*[json.dumps(GOOD)] * before, broken, json.dumps(GOOD)])}]")
        assert refusal(path).startswith(f"Record {before + 1} of set.json is broken JSON")


def test_a_broken_line_is_told_with_its_record(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(f'{json.dumps(GOOD)}\n\n{json.dumps(GOOD)}\n{{"symptom": "hang\n')
    assert refusal(path).startswith("Record 3 of set.jsonl is broken JSON")


@pytest.mark.parametrize("name", ["set.csv", "set.json", "set.jsonl"])
def test_a_wrong_encoding_is_told_with_its_line(
    tmp_path: Path, refusal: Refusal, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes("symptom,cause,stage\nhang,api,é\n".encode("latin-1"))
    assert refusal(path) == f"Line 2 of {name} is not UTF-8; save the file as UTF-8."


def test_utf_16_is_told_by_name(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_text("symptom,cause,stage\nhang,api,inference\n", encoding="utf-16")
    assert refusal(path) == "set.csv is UTF-16; save it as UTF-8."


def test_a_character_cut_off_at_the_end_is_no_utf_8(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_bytes("symptom,cause,stage\nhang,api,é".encode()[:-1])
    assert "Line 2 of set.csv is not UTF-8" in refusal(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("set.json", "[]"),
        ("set.json", ""),
        ("set.jsonl", "\n\n"),
        ("set.csv", "\n"),
        ("set.csv", "symptom,cause,stage\n"),
    ],
)
def test_an_empty_set_is_refused(tmp_path: Path, refusal: Refusal, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert name in refusal(path)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([1, 2], "Record 1 of set.json is a number, not an object with labels."),
        ([published_row(1), [2]], "Record 2 of set.json is a list, not an object with labels."),
        ([published_row(1), None], "Record 2 of set.json is null, not an object with labels."),
        (["a"], "Record 1 of set.json is a text, not an object with labels."),
    ],
)
def test_a_list_of_other_things_is_refused(
    tmp_path: Path, refusal: Refusal, rows: list[Any], told: str
) -> None:
    assert refusal(write_folder(tmp_path, set=rows)) == told


def test_a_json_file_that_is_no_list_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "set.json").write_text(json.dumps({"rows": []}))
    assert refusal(tmp_path).startswith("set.json is no list of records")


@pytest.mark.parametrize("depth", [20_000, 200_000])
def test_deeply_nested_json_is_refused(tmp_path: Path, refusal: Refusal, depth: int) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps([GOOD])[:-2] + ', "x": ' + "[" * depth + "]" * depth + "}]")
    assert refusal(path).startswith("Record 1 of set.json is nested too deeply")
    path = tmp_path / "set.jsonl"
    line = json.dumps(GOOD)
    path.write_text(f'{line}\n{line[:-1]}, "x": {"[" * depth}{"]" * depth}}}\n')
    assert refusal(path).startswith("Record 2 of set.jsonl is nested too deeply")


@pytest.mark.parametrize("name", ["set.csv", "set.json", "set.jsonl"])
def test_nul_bytes_are_refused(tmp_path: Path, refusal: Refusal, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"symptom,cause,stage\nhang,\0api,inference\n")
    assert refusal(path).startswith(f"Line 2 of {name} holds a NUL byte")


def test_a_line_above_its_ceiling_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD | {"x": "y" * 9_000_000}) + "\n")
    sentence = refusal(path, ceilings=Ceilings(record_bytes=1 << 20))
    assert sentence.startswith("A line of set.jsonl is longer than 1 MiB")


def test_a_csv_record_that_never_ends_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_text('symptom,cause,stage\nhang,api,"' + "inference\n" * 1_000_000)
    assert "quotation mark that is never closed" in refusal(path)


def test_a_csv_record_with_a_value_too_many_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_text("symptom,cause,stage\n" + "hang,api,inference\n" * 4 + "a,b,c,d\n")
    assert refusal(path).startswith("Record 5 of set.csv does not have as many values")
