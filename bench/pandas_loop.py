"""What a straightforward pandas script does: cross tables, chi-square, a bootstrap in a loop.

    python -m bench.pandas_loop FILE RESAMPLES

reads a Parquet file with the columns symptom and cause, prints Cramer's V with a bootstrap
interval, and the seconds a resample took.
"""

import sys
import time

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency


def cramers_v(rows: pd.DataFrame) -> float:
    """Return Cramer's V of symptom and cause classes."""
    table = pd.crosstab(rows["symptom"], rows["cause"])
    statistic = float(chi2_contingency(table, correction=False).statistic)
    return float(np.sqrt(statistic / (len(rows) * (min(table.shape) - 1))))


def main() -> None:
    """Read, resample, print."""
    rows = pd.read_parquet(sys.argv[1], columns=["symptom", "cause"])
    rows = rows.apply(lambda column: column.str.split("/").str[0])
    resamples = int(sys.argv[2])
    started = time.perf_counter()
    values = [
        cramers_v(rows.sample(frac=1, replace=True, random_state=seed)) for seed in range(resamples)
    ]
    seconds = (time.perf_counter() - started) / resamples
    low, high = np.quantile(values, [0.025, 0.975])
    print(f"V = {cramers_v(rows):.4f} [{low:.4f}, {high:.4f}]")
    print(f"seconds_per_resample {seconds:.6f}")


if __name__ == "__main__":
    main()
