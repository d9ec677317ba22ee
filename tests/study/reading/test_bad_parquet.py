"""A Parquet file that is damaged, too large or of other types ends in one sentence."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from firstmile.errors import UserError
from firstmile.study.reading import Ceilings, read_source
from reading.sources import GOOD, Refusal


def test_an_empty_table_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "set.parquet"
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in GOOD}), path)
    assert refusal(path).startswith("set.parquet holds no records")


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
