"""Labelled failures made up: as many as wanted, with the published proportions.

python -m bench.synthetic FILE ROWS
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from firstmile.study.embedded import read_embedded


def write_synthetic(path: Path, *, rows: int, seed: int = 1) -> None:
    """Write a Parquet file of labelled failures with codes for labels.

    Symptom and cause leaves are drawn by their published totals within a class pair drawn from
    the published table; series, repositories, architecture, status and dates are made up.
    """
    generator = np.random.default_rng(seed)
    embedded = read_embedded()
    joint = embedded.table("symptom", "cause")
    pairs = generator.choice(
        joint.counts.size, size=rows, p=(joint.counts / joint.counts.sum()).ravel()
    )
    first, second = np.divmod(pairs, joint.counts.shape[1])
    repository = generator.integers(0, 60, rows)
    series = repository % 6
    stage = np.where(generator.random(rows) < 0.2, "fine-tuning", "inference")
    created = np.datetime64("2023-01-01") + generator.integers(0, 1_000, rows).astype("m8[D]")
    issue = generator.integers(0, rows * 20, rows)
    table = pa.table(
        {
            "symptom": _leaves("symptom", joint.row_codes, first, generator),
            "cause": _leaves("cause", joint.column_codes, second, generator),
            "stage": stage,
            "series": _words("series", series),
            "repository": _words("owner/repository", repository),
            "version": _words("version", repository % 12),
            "architecture": np.where(series % 2 == 0, "Dense", "MoE"),
            "status": np.where(generator.random(rows) < 0.2, "open", "closed"),
            "issue": [f"https://github.com/owner/repository/issues/{i}" for i in issue.tolist()],
            "created": pa.array(created),
        }
    )
    pq.write_table(table, path)


def _leaves(
    axis: str, classes: tuple[str, ...], drawn: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    totals = read_embedded().totals(f"{axis}_leaf")
    codes = np.array(totals.codes)
    owner = np.array([code.split("/")[0] for code in totals.codes])
    result = np.empty(len(drawn), dtype=codes.dtype)
    for place, name in enumerate(classes):
        own = owner == name
        here = np.flatnonzero(drawn == place)
        weights = totals.counts[own] / totals.counts[own].sum()
        result[here] = generator.choice(codes[own], size=len(here), p=weights)
    return result


def _words(prefix: str, numbers: np.ndarray) -> np.ndarray:
    return np.char.add(f"{prefix}-", numbers.astype(str))


if __name__ == "__main__":
    write_synthetic(Path(sys.argv[1]), rows=int(sys.argv[2]))
