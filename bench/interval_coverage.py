"""How often each kind of interval covers the truth, measured by simulation.

`python -m bench.interval_coverage --write docs/interval-coverage.md` writes the page.
"""

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import scipy

import firstmile
from bench.coverage import NOMINAL, Coverage
from bench.interval_families import CHEAP, FAMILIES, LARGE_RESAMPLES, RESAMPLES
from firstmile.rendering.files import write_whole
from firstmile.statistics.intervals import Interval, wilson_interval

SEED: Final = 20261122
DATA_SETS: Final = 1000


def measure(*, data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate every kind of interval, each setting from a stream of its own."""
    for family in FAMILIES:
        yield from family(data_sets, seed)


def page(rows: list[Coverage], *, data_sets: int, seed: int, command: str, seconds: float) -> str:
    """Write the page: how it was measured, one line an interval, one line a setting."""
    return f"""# How often the intervals cover

Data sets were drawn from populations whose truth is known, and the intervals of each were asked
whether they hold it. *Measured* is the share that did, with a Wilson interval of its own, since
the number of data sets is finite. The populations have the margins of the published tables;
*weak* is half way between independence and the observed table, in every cell. The leaves have
their published totals and the pattern of their classes. A bootstrap drew {RESAMPLES} resamples,
{LARGE_RESAMPLES} for the leaves. *The worst cell* is picked for its result, so it looks worse
than it is and does not count as short.

- date: {datetime.now(UTC):%Y-%m-%d}
- versions: firstmile {firstmile.__version__}, Python {platform.python_version()}, \
numpy {np.__version__}, scipy {scipy.__version__}
- machine: {platform.system()}, {platform.machine()}; {seconds:.0f} s of one processor
- seed: {seed}; data sets a setting: {data_sets}, {CHEAP} times as many for single shares, \
differences and odds ratios
- command: `{command}`

## In short

*Short of nominal* counts the settings whose measured coverage is below {NOMINAL:.0%} beyond \
what the number of data sets explains.

| interval | settings | lowest | median | highest | short of nominal |
|---|---|---|---|---|---|
{"".join(_summary(rows))}
## Every setting

| interval | setting | nominal | measured | 95% interval of it | mean width |
|---|---|---|---|---|---|
{"".join(_line(row) for row in rows)}"""


def _summary(rows: list[Coverage]) -> Iterator[str]:
    for name in dict.fromkeys(row.interval for row in rows):
        own = [row for row in rows if row.interval == name]
        shares = [row.share for row in own]
        short = sum(_own_interval(row).high < NOMINAL for row in own if not row.picked)
        yield (
            f"| {name} | {len(own)} | {min(shares):.3f} | {np.median(shares):.3f} "
            f"| {max(shares):.3f} | {short} |\n"
        )


def _line(row: Coverage) -> str:
    own = _own_interval(row)
    width = "unbounded" if np.isinf(row.width) else f"{row.width:.3f}"
    return (
        f"| {row.interval} | {row.setting} | {NOMINAL:.3f} | {row.share:.3f} "
        f"| {own.low:.3f} to {own.high:.3f} | {width} |\n"
    )


def _own_interval(row: Coverage) -> Interval:
    return wilson_interval(row.covered, row.data_sets)


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the page or write it."""
    parser = argparse.ArgumentParser(prog="python -m bench.interval_coverage", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
    parser.add_argument("--replicates", type=int, default=DATA_SETS, help="data sets a setting")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    start = time.process_time()
    rows = []
    for row in measure(data_sets=options.replicates, seed=options.seed):
        rows.append(row)
        print(f"{row.share:.3f} {row.interval}, {row.setting}", file=sys.stderr)
    text = page(
        rows,
        data_sets=options.replicates,
        seed=options.seed,
        command=f"python -m bench.interval_coverage --replicates {options.replicates} "
        f"--seed {options.seed}",
        seconds=time.process_time() - start,
    )
    if options.write is None:
        print(text, end="")
        return
    write_whole(options.write, text)


if __name__ == "__main__":
    main()
