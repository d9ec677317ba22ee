"""Labelled sets: CSV, JSON, JSON Lines and Parquet, with and without a study.toml."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstmile.study.failures import Failures
from firstmile.study.reading import read_source
from reading.sources import published_row, write_folder

ROWS: list[dict[str, Any]] = [
    {
        "symptom": "Hang - Generation Process Stuck",
        "cause": "distributed/communication",
        "stage": "Inference",
        "issue": "https://github.com/example/llama-demo/issues/7",
        "series": "Llama",
        "version": "v2",
        "repository": "example/llama-demo",
        "architecture": "Dense",
        "status": "open",
        "created": "2024-02-29T23:59:59Z",
        "cluster": "a",
    },
    {
        "symptom": "crash/cuda",
        "cause": "Hardware and Resource Limitations",
        "stage": "fine-tuning",
        "issue": "https://github.com/example/qwen-demo/issues/8",
        "series": "Qwen",
        "version": "v3",
        "repository": "example/qwen-demo",
        "architecture": "MoE",
        "status": "closed",
        "created": "2023-01-31",
        "cluster": "a",
    },
]


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / name
    if path.suffix == ".csv":
        names = list(rows[0])
        lines = [names, *([str(row.get(n, "")) for n in names] for row in rows)]
        path.write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def values(failures: Failures) -> dict[str, list[str | None]]:
    return {name: column.values() for name, column in failures.columns.items()}


@pytest.mark.parametrize("name", ["set.csv", "set.jsonl", "set.json", "set.parquet"])
def test_every_format_reads_alike(tmp_path: Path, name: str) -> None:
    reading = read_source(str(write(tmp_path, name, ROWS)))
    assert values(reading.failures) == {
        "symptom_leaf": ["hang/generation", "crash/cuda"],
        "cause_leaf": ["distributed/communication", "hardware"],
        "stage": ["inference", "fine-tuning"],
        "issue": [row["issue"] for row in ROWS],
        "repository": ["example/llama-demo", "example/qwen-demo"],
        "version": ["v2", "v3"],
        "series": ["Llama", "Qwen"],
        "architecture": ["Dense", "MoE"],
        "status": ["open", "closed"],
        "cluster": ["a", "a"],
    }
    assert reading.failures.created is not None
    assert reading.failures.created.tolist() == [
        np.datetime64("2024-02-29").item(),
        np.datetime64("2023-01-31").item(),
    ]
    assert reading.provenance.format == name.partition(".")[2]
    assert reading.provenance.files[0].records == 2


@pytest.mark.parametrize("name", ["set.csv", "set.jsonl", "set.json"])
def test_a_byte_order_mark_is_no_part_of_the_data(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, ROWS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_source(str(path)).failures) == 2


@pytest.mark.parametrize("name", ["set.csv", "set.jsonl", "set.json", "set.parquet"])
def test_the_published_names_are_known_without_a_mapping(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, [published_row(1), published_row(2)])
    failures = read_source(str(path)).failures
    assert failures.columns["version"].values() == ["Qwen-demo", "Qwen-demo"]
    assert failures.columns["series"].values() == ["Qwen", "Qwen"]


def test_quoted_line_breaks_and_commas_in_other_columns_keep_the_rows_apart(
    tmp_path: Path,
) -> None:
    path = tmp_path / "set.csv"
    path.write_text(
        'title,symptom,cause,stage\n"a,\n""b""",hang,api,inference\nc,slow,api,Inference\n'
    )
    assert read_source(str(path)).failures.columns["symptom_leaf"].values() == ["hang", "slow"]


def test_quoted_line_breaks_keep_the_rows_apart_in_a_long_file(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    title = '"' + "line, after\n" * 400 + '"'
    path.write_text("title,symptom,cause,stage\n" + f"{title},hang,api,inference\n" * 2_000)
    assert path.stat().st_size > 2 * 4 * 1024 * 1024
    assert len(read_source(str(path)).failures) == 2_000


def test_words_that_mean_nothing_elsewhere_stay_values(tmp_path: Path) -> None:
    rows = [row | {"version": "NA"} for row in ROWS]
    failures = read_source(str(write(tmp_path, "set.csv", rows))).failures
    assert failures.columns["version"].values() == ["NA", "NA"]


@pytest.mark.parametrize("name", ["set.csv", "set.jsonl", "set.json", "set.parquet"])
def test_an_empty_optional_value_is_not_known(tmp_path: Path, name: str) -> None:
    rows = [ROWS[0], ROWS[1] | {"version": ""}]
    failures = read_source(str(write(tmp_path, name, rows))).failures
    assert failures.columns["version"].values() == ["v2", None]


def test_clusters_may_be_numbers(tmp_path: Path) -> None:
    rows = [row | {"cluster": number} for number, row in enumerate(ROWS)]
    for name in ("set.json", "set.parquet"):
        failures = read_source(str(write(tmp_path, name, rows))).failures
        assert failures.columns["cluster"].values() == ["0", "1"]


def test_typed_dates_are_read(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(ROWS).drop_columns(["created"])
    times = pa.array([1709251199, None], pa.timestamp("s", tz="UTC"))
    pq.write_table(table.append_column("created", times), tmp_path / "set.parquet")
    created = read_source(str(tmp_path / "set.parquet")).failures.created
    assert created is not None
    assert created[0] == np.datetime64("2024-02-29")
    assert np.isnat(created[1])


def test_the_series_follows_from_version_or_a_models_own_repository_where_no_column_gives_it(
    tmp_path: Path,
) -> None:
    rows = [
        {"symptom": "hang", "cause": "api", "stage": "inference"}
        | {"repository": repository, "version": version}
        for repository, version in (
            ("ggml-org/llama.cpp", "CodeLlama 7B"),
            ("QWENLM/Qwen2.5", "R1-Distill"),
            ("facebookresearch/codellama", "7B"),
            ("ggml-org/llama.cpp", "b4000"),
            ("QwenLM/qwen.cpp", "v1"),
        )
    ]
    failures = read_source(str(write(tmp_path, "set.csv", rows))).failures
    assert failures.columns["series"].values() == ["Llama", "Qwen", "Llama", None, None]


def test_a_name_of_two_series_is_not_guessed_from(tmp_path: Path) -> None:
    rows = [
        {"symptom": "hang", "cause": "api", "stage": "inference", "version": version}
        for version in ("DeepSeek-R1-Distill-Qwen", "Qwen2")
    ]
    failures = read_source(str(write(tmp_path, "set.csv", rows))).failures
    assert failures.columns["series"].values() == [None, "Qwen"]


STUDY = """
[data]
files = ["labels/one.csv", "labels/two.csv"]
[columns]
symptom = "What"
cause = "Why"
stage = "When"
series = "Family"
"""


def write_study(folder: Path, study: str = STUDY) -> Path:
    (folder / "labels").mkdir(exist_ok=True)
    for name, what in (("one", "hang"), ("two", "slow")):
        text = f"Extra,What,Why,When,Family\nx,{what},api,inference,Qwen\n"
        (folder / "labels" / f"{name}.csv").write_text(text)
    (folder / "study.toml").write_text(study)
    return folder / "study.toml"


@pytest.mark.parametrize("give", ["the file", "its folder"])
def test_a_study_file_names_files_and_columns(tmp_path: Path, give: str) -> None:
    path = write_study(tmp_path)
    reading = read_source(str(path if give == "the file" else tmp_path))
    assert reading.failures.columns["symptom_leaf"].values() == ["hang", "slow"]
    assert reading.failures.columns["series"].values() == ["Qwen", "Qwen"]
    assert [file.name for file in reading.provenance.files] == ["labels/one.csv", "labels/two.csv"]
    assert reading.provenance.kind == "study.toml"


def test_two_roles_may_share_a_column(tmp_path: Path) -> None:
    path = write_study(tmp_path, STUDY + 'version = "Family"\n')
    failures = read_source(str(path)).failures
    assert failures.columns["version"].values() == failures.columns["series"].values()


def test_the_format_may_be_given_where_the_name_does_not_tell_it(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    (tmp_path / "labels" / "one.csv").rename(tmp_path / "labels" / "one.txt")
    text = STUDY.replace("one.csv", "one.txt").replace("[columns]", 'format = "csv"\n[columns]')
    path.write_text(text)
    assert len(read_source(str(path)).failures) == 2


def test_a_folder_with_a_study_file_may_hold_links_and_other_files(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    (tmp_path / "elsewhere").symlink_to("/")
    write_folder(tmp_path, other=[1, 2])
    assert len(read_source(str(path.parent)).failures) == 2
