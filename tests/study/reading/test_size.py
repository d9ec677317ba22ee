"""A large labelled set is read by column: a moderate one here, a million in bench/."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from firstmile.taxonomy import Axis, load_taxonomy

ROWS = 200_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = np.random.default_rng(7)
    taxonomy = load_taxonomy()
    labels = {axis.value: [leaf.label for leaf in taxonomy.leaves(axis)] for axis in Axis}
    columns = {
        name: [known[place] for place in chance.integers(len(known), size=ROWS)]
        for name, known in labels.items()
    }
    columns["issue"] = [f"https://github.com/example/r{n % 50}/issues/{n + 1}" for n in range(ROWS)]
    folder = tmp_path_factory.mktemp("large")
    table = pa.table(columns)
    pa_csv.write_csv(table, folder / "set.csv")
    pq.write_table(table, folder / "set.parquet")
    return folder


@pytest.mark.long
@pytest.mark.parametrize("name", ["set.csv", "set.parquet"])
def test_two_hundred_thousand_rows_take_seconds_and_little_memory(large: Path, name: str) -> None:
    code = (
        "import resource, sys, time; from firstmile.study.reading import read_source\n"
        "import pyarrow.csv, pyarrow.parquet\n"
        "idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "begin = time.process_time(); failures = read_source(sys.argv[1]).failures\n"
        "used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle\n"
        "print(len(failures), time.process_time() - begin, used)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(large / name)], capture_output=True, text=True, check=True
    )
    rows, seconds, used_kib = out.stdout.split()
    assert int(rows) == ROWS
    assert float(seconds) < 6
    assert int(used_kib) < 200 * 1024, "memory above what a million rows may take, by its fifth"
