"""How often the recall guarantee holds, measured by simulation; and how peeking breaks it.

`python -m bench.recall_coverage --write docs/recall-coverage.md` writes the page.
"""

import argparse
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import scipy

import firstmile
from firstmile.rendering.files import write_whole
from firstmile.statistics.finite_population import most_holders
from firstmile.statistics.intervals import wilson_interval
from firstmile.study.screening.recall import (
    Combination,
    Discarded,
    Spending,
    bound_recall,
    sample_size,
    spend,
)

SEED: Final = 13_655
DRAWS: Final = 20_000
NOMINAL: Final = 0.95
FOUND: Final = 700
LOOKS: Final = 20
EACH_LOOK: Final = 100
STRATA: Final = (
    ("alike", (3_000, 1_000, 600), (0.01, 0.01, 0.01), (200, 66, 40)),
    ("most missed by the raters", (3_000, 1_000, 600), (0.002, 0.05, 0.02), (100, 150, 100)),
    ("most missed by the keywords", (3_000, 1_000, 600), (0.03, 0.002, 0.0), (100, 150, 100)),
    ("large", (60_000, 10_000, 3_000), (0.001, 0.01, 0.03), (600, 300, 200)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How often a bound held, over how many draws, and how wide it was on average."""

    what: str
    setting: str
    held: int
    draws: int
    bound: float
    truth: float

    def row(self) -> str:
        """Return a row of the table."""
        own = wilson_interval(self.held, self.draws)
        return (
            f"| {self.what} | {self.setting} | {self.held / self.draws:.4f} "
            f"| {own.low:.4f} to {own.high:.4f} | {self.truth:,.0f} | {self.bound:,.0f} |"
        )


def single(draws: int) -> Iterator[Held]:
    """Draw one sample from everything discarded, over sizes, samples and shares missed."""
    for size in (500, 4_600, 100_000):
        for sample in (50, 300, 1_500):
            if sample > size:
                continue
            for share in (0.0005, 0.002, 0.01, 0.05, 0.2):
                missed = round(share * size)
                setting = f"{sample:,} of {size:,}, {missed:,} missed"
                drawn = _generator("single", setting).hypergeometric(
                    missed, size - missed, sample, size=draws
                )
                counts, times = np.unique(drawn, return_counts=True)
                bounds = np.array([most_holders(int(k), sample, size) for k in counts])
                yield Held(
                    what="one sample",
                    setting=setting,
                    held=int(times[bounds >= missed].sum()),
                    draws=draws,
                    bound=float((bounds * times).sum() / draws),
                    truth=missed,
                )


def strata(draws: int) -> Iterator[Held]:
    """Draw a sample from each step, and combine the steps in both ways."""
    combinations: tuple[Combination, ...] = ("fisher", "bonferroni")
    for name, sizes, shares, samples in STRATA:
        missed = [round(n * p) for n, p in zip(sizes, shares, strict=True)]
        generator = _generator("strata", name)
        drawn = np.stack(
            [
                generator.hypergeometric(m, n - m, k, size=draws)
                for m, n, k in zip(missed, sizes, samples, strict=True)
            ],
            axis=1,
        )
        outcomes, times = np.unique(drawn, axis=0, return_counts=True)
        for combination in combinations:
            bounds = np.array(
                [
                    bound_recall(
                        [
                            Discarded(step=str(i), discarded=n, sampled=k, failures=int(x))
                            for i, (n, k, x) in enumerate(zip(sizes, samples, outcome, strict=True))
                        ],
                        found=FOUND,
                        combination=combination,
                    ).missed_at_most
                    for outcome in outcomes
                ]
            )
            yield Held(
                what=f"three steps, {combination}",
                setting=f"{name}: {_listed(samples)} of {_listed(sizes)}",
                held=int(times[bounds >= sum(missed)].sum()),
                draws=draws,
                bound=float((bounds * times).sum() / draws),
                truth=sum(missed),
            )


def looks(draws: int) -> Iterator[Held]:
    """Look again and again at a growing sample, and stop as soon as the target is shown.

    The truth is just below the target, so every claim that it is reached is wrong.
    """
    size, target = 4_600, 0.95
    missed = int(FOUND / target - FOUND) + 1
    plans: dict[str, tuple[float, ...]] = {"no spending": (NOMINAL,) * LOOKS}
    names: tuple[Spending, ...] = ("equal", "late", "open")
    plans |= {f"spent: {name}": spend(LOOKS, spending=name) for name in names}
    plans["taken once, at the end"] = (*(1 - 1e-12,) * (LOOKS - 1), NOMINAL)
    generator = _generator("looks", "growing")
    population = np.zeros(size, dtype=np.int64)
    population[:missed] = 1
    found = np.stack(
        [
            np.cumsum(generator.permutation(population)[: LOOKS * EACH_LOOK])[
                EACH_LOOK - 1 :: EACH_LOOK
            ]
            for _ in range(draws)
        ]
    )
    for name, confidences in plans.items():
        wrong = np.zeros(draws, dtype=bool)
        last = np.zeros(draws)
        for look, confidence in enumerate(confidences):
            bounds = np.array(
                [_bound(int(k), (look + 1) * EACH_LOOK, size, confidence) for k in found[:, look]]
            )
            wrong |= bounds < missed
            last = bounds
        yield Held(
            what=f"{LOOKS} looks, {name}",
            setting=f"every {EACH_LOOK} of {size:,}, {missed} missed",
            held=int((~wrong).sum()),
            draws=draws,
            bound=float(last.mean()),
            truth=missed,
        )


@cache
def _bound(failures: int, sample: int, size: int, confidence: float) -> int:
    return most_holders(failures, sample, size, confidence=confidence)


def plans() -> Iterator[str]:
    """Yield the rows of the planning table."""
    for discarded, found in ((500, 300), (4_600, 700), (50_000, 5_000), (500_000, 20_000)):
        for target in (0.9, 0.95):
            cells = []
            for share in (0.0, 0.25, 0.5):
                allowed = found / target - found
                plan = sample_size(
                    discarded=discarded,
                    found=found,
                    target_recall=target,
                    expected_share=share * allowed / discarded,
                )
                cells.append(
                    "none" if plan is None else f"{plan.sample:,} ({plan.failures_allowed})"
                )
            yield f"| {discarded:,} | {found:,} | {target:.0%} | {' | '.join(cells)} |"


def page(rows: list[Held], draws: int, seconds: float) -> str:
    """Return the Markdown page."""
    peeking = next(row for row in rows if row.what.endswith("no spending"))
    fisher = [row for row in rows if row.what.endswith("fisher")]
    bonferroni = [row for row in rows if row.what.endswith("bonferroni")]
    tighter = np.mean([1 - f.bound / b.bound for f, b in zip(fisher, bonferroni, strict=True)])
    sound = [row for row in rows if row is not peeking]
    short = sum(wilson_interval(row.held, row.draws).high < NOMINAL for row in sound)
    table = "\n".join(row.row() for row in rows)
    planned = "\n".join(plans())
    return f"""<!-- Generated by `python -m bench.recall_coverage --write`; do not edit. -->

# How often the recall guarantee holds

Populations of discarded issues were made with a known number of failures missed, samples were
drawn from them, and each bound was asked whether it held. Nominal is {NOMINAL:.0%}, one-sided.
{draws:,} draws a setting; *measured* has a Wilson interval of its own.

- Settings in which a bound held less often than nominal beyond what the number of draws \
explains: {short} of {len(sound)}.
- Lowest measured coverage of these: {min(row.held / row.draws for row in sound):.4f}. Exact bounds
  are conservative, since counts are whole numbers.
- Three steps sampled apart: Fisher's combination gives an upper bound {tighter:.0%} below \
Bonferroni's on average.
- Looking after every {EACH_LOOK} issues, up to {LOOKS} times, and stopping as soon as a recall of \
95% seems shown: **{1 - peeking.held / peeking.draws:.1%}** of such claims are wrong without \
spending, where 5% were promised.

| bound | setting | measured | 95% interval of it | truly missed | mean bound |
|---|---|---|---|---|---|
{table}

The setting of the looks is the hardest there is: one failure more was missed than the target
allows. *Taken once* is the plain bound after the last sample. The mean bound is that at the last
look.

## How large a sample

The smallest single sample that shows a recall with {NOMINAL:.0%} confidence, and in brackets how
many failures it may hold. The three columns assume that no failures were missed, and that a quarter
and half of what the target allows were; with those the target is then shown four times in five.

| discarded | found | target | none missed | a quarter of allowed | half of allowed |
|---|---|---|---|---|---|
{planned}

{datetime.now(UTC):%Y-%m-%d}, firstmile {firstmile.__version__}, Python \
{platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, seed {SEED}; \
{seconds:.0f} s of one processor.
"""


def _generator(*names: str) -> np.random.Generator:
    return np.random.default_rng([SEED, crc32(" ".join(names).encode())])


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(f"{number:,}" for number in numbers)


def main() -> None:
    """Measure, and print the page or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--draws", type=int, default=DRAWS)
    options = parser.parse_args()
    start = time.process_time()
    rows = [
        *single(options.draws),
        *strata(options.draws),
        *looks(max(1, options.draws // 4)),
    ]
    text = page(rows, options.draws, time.process_time() - start)
    if options.write:
        write_whole(options.write, text)
    print(text)


if __name__ == "__main__":
    main()
