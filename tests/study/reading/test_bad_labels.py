"""Labels and columns that cannot be read are told with their file, record and nearest name."""

import json
import time
from pathlib import Path

import pytest

from reading.sources import GOOD, Refusal, published_row, write_folder


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


@pytest.mark.parametrize("value", [5, 1.5, True, ["a"], {"a": 1}])
def test_another_type_where_a_text_is_expected_is_refused(
    tmp_path: Path, refusal: Refusal, value: object
) -> None:
    rows = [published_row(1), published_row(2, SYMPTOM=value)]
    sentence = refusal(write_folder(tmp_path, set=rows))
    assert sentence.startswith("Record 2 of set.json holds ")
    assert 'in "SYMPTOM" where a text is expected' in sentence


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
