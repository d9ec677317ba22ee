"""Bad input ends in one sentence that names the file and the record."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstmile.errors import UserError
from firstmile.study.reading import Ceilings, read_source
from reading.sources import Refusal, published_row, write_folder

GOOD = {"symptom": "hang", "cause": "api", "stage": "inference"}


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


def test_a_source_without_a_name_does_not_read_the_current_folder(
    tmp_path: Path, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, set=[published_row(1)])
    monkeypatch.chdir(tmp_path)
    assert refusal("").startswith("No source is named")


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


def test_an_unknown_label_is_told_with_the_nearest_ones(tmp_path: Path, refusal: Refusal) -> None:
    rows = [published_row(1), published_row(2, SYMPTOM="Crash - CUDA Eror - Out of Memry")]
    sentence = refusal(write_folder(tmp_path, Qwen__set=rows))
    assert sentence.startswith(
        'Record 2 of Qwen/set.json holds the symptom "Crash - CUDA Eror - Out of Memry"'
    )
    assert 'nearest: "Crash - CUDA Error - Out of Memory"' in sentence


def test_all_records_with_unknown_labels_are_counted(tmp_path: Path, refusal: Refusal) -> None:
    rows = [published_row(n, STAGE="Pretraining" if n > 3 else "Inference") for n in range(1, 8)]
    sentence = refusal(write_folder(tmp_path, set=rows))
    assert sentence.startswith("Record 4 of set.json")
    assert "(3 more records hold unknown ones)" in sentence


def test_labels_in_exchanged_columns_are_seen(tmp_path: Path, refusal: Refusal) -> None:
    row = GOOD | {"symptom": "Hardware and Resource Limitations"}
    path = tmp_path / "set.json"
    path.write_text(json.dumps([row]))
    assert "it is a root cause, so the columns may be exchanged" in refusal(path)


def test_a_missing_label_is_told_with_its_record(tmp_path: Path, refusal: Refusal) -> None:
    rows = [published_row(1), published_row(2), published_row(3, ROOT_CAUSE=None)]
    assert refusal(write_folder(tmp_path, set=rows)).startswith(
        'Record 3 of set.json has no cause in "ROOT CAUSE"'
    )


@pytest.mark.parametrize("empty", ["", "  ", "\t"])
def test_an_empty_label_is_a_missing_one(tmp_path: Path, refusal: Refusal, empty: str) -> None:
    rows = [published_row(1), published_row(2, STAGE=empty)]
    sentence = refusal(write_folder(tmp_path, set=rows))
    assert sentence.startswith('Record 2 of set.json has no stage in "STAGE"')


def test_a_missing_column_is_told_with_those_that_are_there(
    tmp_path: Path, refusal: Refusal
) -> None:
    path = tmp_path / "set.csv"
    path.write_text("symptom,cuase,stage\nhang,api,inference\n")
    sentence = refusal(path)
    assert sentence.startswith('set.csv has no column "cause" for the cause')
    assert 'there: "symptom", "cuase", "stage"; nearest: "cuase"' in sentence


def test_a_column_that_stands_twice_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_text("symptom,cause,stage,stage\nhang,api,inference,fine-tuning\n")
    assert refusal(path) == 'set.csv has two columns "stage"; rename one of them.'


def test_a_field_named_twice_in_a_record_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.json"
    path.write_text(
        '[{"symptom": "hang", "symptom": "slow", "cause": "api", "stage": "inference"}]'
    )
    assert refusal(path).startswith('Record 1 of set.json names the field "symptom" twice')
    path = tmp_path / "set.jsonl"
    path.write_text(f'{json.dumps(GOOD)}\n{{"stage": "x", "stage": "y"}}\n')
    assert refusal(path).startswith('Record 2 of set.jsonl names the field "stage" twice')


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


def test_an_empty_table_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.parquet"
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in GOOD}), path)
    assert refusal(path).startswith("set.parquet holds no records")


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


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_deeply_nested_json_is_refused(tmp_path: Path, refusal: Refusal, depth: int) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps([GOOD])[:-2] + ', "x": ' + "[" * depth + "]" * depth + "}]")
    assert refusal(path).startswith("Record 1 of set.json is nested too deeply")
    path = tmp_path / "set.jsonl"
    line = json.dumps(GOOD)
    path.write_text(f'{line}\n{line[:-1]}, "x": {"[" * depth}{"]" * depth}}}\n')
    assert refusal(path).startswith("Record 2 of set.jsonl is nested too deeply")


@pytest.mark.parametrize("value", [5, 1.5, True, ["a"], {"a": 1}])
def test_another_type_where_a_text_is_expected_is_refused(
    tmp_path: Path, refusal: Refusal, value: object
) -> None:
    rows = [published_row(1), published_row(2, SYMPTOM=value)]
    sentence = refusal(write_folder(tmp_path, set=rows))
    assert sentence.startswith("Record 2 of set.json holds ")
    assert 'in "SYMPTOM" where a text is expected' in sentence


def test_a_parquet_column_of_numbers_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.parquet"
    pq.write_table(pa.table({"symptom": [1], "cause": ["api"], "stage": ["inference"]}), path)
    sentence = refusal(path)
    assert sentence.startswith('The column "symptom" of set.parquet holds int64 where texts')


def test_a_damaged_parquet_file_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.parquet"
    pq.write_table(pa.Table.from_pylist([GOOD] * 50), path)
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(path) == "set.parquet is no sound Parquet file; write it anew."


def test_a_parquet_text_that_is_no_utf_8_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.parquet"
    rows = [GOOD | {"version": "somewhere"}] * 3
    pq.write_table(pa.Table.from_pylist(rows), path, compression="none", write_statistics=False)
    path.write_bytes(path.read_bytes().replace(b"somewhere", b"some\xb0here"))
    assert refusal(path) == "set.parquet is no sound Parquet file; write it anew."


def test_a_parquet_text_that_points_outside_its_dictionary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.parquet"
    names = ["first", "second", "somewhere"]
    rows = [GOOD | {"version": name} for name in names * 3]
    pq.write_table(pa.Table.from_pylist(rows), path, compression="none", write_statistics=False)
    whole = path.read_bytes()
    after_the_dictionary = whole.index(b"somewhere") + len("somewhere")
    told = set()
    for place in range(after_the_dictionary, after_the_dictionary + 40):
        path.write_bytes(whole[:place] + b"\x7f" + whole[place + 1 :])
        try:
            version = read_source(str(path)).failures.columns["version"]
        except UserError as error:
            told.add(str(error))
        else:
            assert set(version.values()) <= set(names)
    assert told == {"set.parquet is no sound Parquet file; write it anew."}


def test_a_parquet_file_with_too_many_rows_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.parquet"
    pq.write_table(pa.Table.from_pylist([GOOD] * 50), path)
    assert "holds more than 49 records" in refusal(path, ceilings=Ceilings(records=49))


def test_a_parquet_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, refusal: Refusal
) -> None:
    path = tmp_path / "set.parquet"
    labels = [f"label {n} {'x' * 100}" for n in range(500)]
    pq.write_table(pa.table({"symptom": labels, "cause": labels, "stage": labels}), path)
    assert "unpacks to more than" in refusal(path, ceilings=Ceilings(unpacked_bytes=10_000))


@pytest.mark.parametrize("name", ["set.csv", "set.json", "set.jsonl"])
def test_nul_bytes_are_refused(tmp_path: Path, refusal: Refusal, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"symptom,cause,stage\nhang,\0api,inference\n")
    assert refusal(path).startswith(f"Line 2 of {name} holds a NUL byte")


def test_a_written_nul_in_a_label_is_shown(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps([GOOD | {"symptom": "ha\0ng"}]))
    assert r'"ha\x00ng"' in refusal(path)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("<script>alert(1)</script>", '"<script>alert(1)</script>"'),
        ("=cmd()", '"=cmd()"'),
        ("\x1b[31mred\x1b[0m", r'"\x1b[31mred\x1b[0m"'),
        ("\x9b2J", r'"\x9b2J"'),
        ("a\u202eb", r'"a\u202eb"'),
        ("a\nb", r'"a\nb"'),
        ("x" * 5000, "x" * 159 + '…"'),
    ],
)
def test_a_hostile_label_is_inert(tmp_path: Path, refusal: Refusal, label: str, shown: str) -> None:
    sentence = refusal(write_folder(tmp_path, set=[published_row(1, SYMPTOM=label)]))
    assert shown in sentence
    assert len(sentence) < 700


def test_a_hostile_file_name_is_inert(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "\x1b[2J.json").write_text("[1]")
    assert r"\x1b[2J.json" in refusal(tmp_path)


def test_a_missing_path_is_told(tmp_path: Path, refusal: Refusal) -> None:
    assert "no such file or directory" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("source", ["", "\0", "x" * 5000])
def test_a_source_that_is_no_path_is_told(
    refusal: Refusal, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(source)


def test_a_folder_without_json_is_told(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "labels.csv").write_text("symptom,cause,stage\n")
    (tmp_path / ".hidden.json").write_text("[]")
    assert "holds no JSON file in the published layout" in refusal(tmp_path)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path, refusal: Refusal) -> None:
    os.mkfifo(tmp_path / "set.csv")
    assert "is a pipe or a device" in refusal(tmp_path / "set.csv")


def test_a_pipe_inside_a_folder_is_refused_without_waiting(
    tmp_path: Path, refusal: Refusal
) -> None:
    os.mkfifo(tmp_path / "set.json")
    assert "set.json is a pipe" in refusal(tmp_path)


def test_a_device_is_refused(refusal: Refusal) -> None:
    assert "is a pipe or a device" in refusal("/dev/zero")


def test_a_link_inside_a_folder_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    folder = write_folder(tmp_path / "set", a=[published_row(1)])
    (folder / "b.json").symlink_to("/etc/hostname")
    assert refusal(folder) == "b.json is a link; put the file itself into the folder."


@pytest.mark.parametrize("name", ["set.csv", "set.jsonl", "set.json", "set.parquet"])
def test_a_line_of_five_gigabytes_is_refused_unread(
    tmp_path: Path, refusal: Refusal, name: str
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(5 << 30)
    assert f"{name} holds more than" in refusal(path)


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


@pytest.mark.parametrize(
    "written", ["2023-02-29", "2024-05", "2024-05-31x", "31.05.2024", "1716000000", "yesterday"]
)
def test_a_written_date_that_is_none_is_told(
    tmp_path: Path, refusal: Refusal, written: str
) -> None:
    path = tmp_path / "set.csv"
    lines = "".join(f"hang,api,inference,{date}\n" for date in ("2024-02-29", written))
    path.write_text("symptom,cause,stage,created\n" + lines)
    assert refusal(path).startswith(f'Record 2 of set.csv has "{written}" in "created"')


def test_a_format_that_is_not_known_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.xlsx"
    path.write_bytes(b"PK")
    assert "should end in .csv, .jsonl" in refusal(path)


def test_a_compressed_file_is_told(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.csv"
    path.write_bytes(b"\x1f\x8b\x08\0\0")
    assert refusal(path) == "set.csv is gzip-compressed; unpack it first."


def test_too_many_files_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    folder = write_folder(tmp_path, a=[published_row(1)], b=[published_row(1)])
    assert "holds more than 1 files" in refusal(folder, ceilings=Ceilings(files=1))


def test_a_column_of_free_text_in_place_of_labels_is_refused_at_once(
    tmp_path: Path, refusal: Refusal
) -> None:
    path = tmp_path / "set.csv"
    rows = "".join(f"Out of memory with {n} GPUs,api,inference\n" for n in range(100_000))
    path.write_text("symptom,cause,stage\n" + rows)
    begin = time.process_time()
    sentence = refusal(path)
    assert time.process_time() - begin < 3
    assert sentence.startswith('Record 1 of set.csv holds the symptom "Out of memory with 0 GPUs"')
    assert "(at least 99 more records hold unknown ones)" in sentence
