"""However a file is damaged, reading it ends in failures or in one sentence."""

import contextlib
import io
import json
import random
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.reading import read_source
from reading.sources import published_row

ROWS = [published_row(number) for number in range(1, 6)]
PIECES = [b'"', b",", b"\n", b"[", b"{", b"}", b"\0", b"\xff", b"\\u0000", b"null", b"1e999", b"PK"]


def as_csv() -> bytes:
    names = list(ROWS[0])
    lines = [names, *([str(row[name]) for name in names] for row in ROWS)]
    return "".join(",".join(f'"{value}"' for value in line) + "\n" for line in lines).encode()


def as_parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), buffer)
    return buffer.getvalue()


def as_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set/set.json", json.dumps(ROWS))
        archive.writestr("set/README.md", "5 cases")
    return buffer.getvalue()


WHOLE = {
    "csv": as_csv(),
    "json": json.dumps(ROWS).encode(),
    "jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in ROWS),
    "parquet": as_parquet(),
    "zip": as_zip(),
    "toml": b'[data]\nfiles = ["set.csv"]\n[columns]\n'
    b'symptom = "SYMPTOM"\ncause = "ROOT CAUSE"\nstage = "STAGE"\n',
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return data with bytes changed, put in, taken out, repeated or cut off."""
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data = data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
            case 1:
                data = data[:place] + chance.choice(PIECES) + data[place:]
            case 2:
                data = data[:place] + data[place + chance.randrange(1, 30) :]
            case 3:
                data = data[:place] + data[max(place - 40, 0) :]
            case _:
                data = data[:place] if chance.random() < 0.3 else data
    return data


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_file_is_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "set.csv").write_bytes(WHOLE["csv"])
    path = tmp_path / f"damaged.{kind}"
    path.write_bytes(WHOLE[kind])
    assert len(read_source(str(path)).failures) == 5


# The same examples each time: a crash inside a native reader would end the whole test run.
@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_ends_in_failures_or_in_one_sentence(kind: str, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "set.csv").write_bytes(WHOLE["csv"])
        path = Path(folder) / f"damaged.{kind}"
        path.write_bytes(damaged(WHOLE[kind], random.Random(seed)))
        with contextlib.suppress(UserError):
            reading = read_source(str(path))
            assert len(reading.failures) == reading.provenance.records > 0
            return
        with pytest.raises(UserError) as caught:
            read_source(str(path))
        assert str(caught.value).isprintable()
        assert str(caught.value).endswith(".")
