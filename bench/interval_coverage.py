"""How often each kind of interval covers the truth, measured by simulation.

`python -m bench.interval_coverage --write docs/interval-coverage.md` writes the page.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import scipy

import firstmile
from bench.populations import (
    CAUSE_LEAVES,
    PUBLISHED,
    STAGE_BY_SYMPTOM,
    SYMPTOM_BY_CAUSE,
    FloatArray,
    IntArray,
    independent,
    leaf_shares,
    population_v,
    shifted,
    weakened,
)
from firstmile.statistics.agreement import Coefficient, agreement_interval
from firstmile.statistics.association import (
    association_interval,
    bootstrap_interval,
    noncentral_interval,
)
from firstmile.statistics.intervals import (
    Interval,
    clopper_pearson_interval,
    percentile,
    wilson_interval,
)
from firstmile.statistics.ranking import lead_interval
from firstmile.statistics.ratios import (
    difference_interval,
    lift_intervals,
    newcombe,
    odds_ratio,
)
from firstmile.statistics.similarity import total_variation, total_variation_interval

NOMINAL: Final = 0.95
SEED: Final = 20261122
DATA_SETS: Final = 1000
RESAMPLES: Final = 300
_LARGE_RESAMPLES: Final = 100
_CHEAP: Final = 20
"""How many times as many data sets are simulated where equal ones are judged once."""
_STRENGTHS: Final = {"independent": 0.0, "weak (half the observed)": 0.5, "observed": 1.0}
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often one interval covered in one setting; `covered` counts data sets.

    `covered` is a fraction where a data set has several intervals, of which it is the share
    that covered. `width` is the mean width, infinite where an interval was unbounded. `picked`
    says that the setting was chosen for its result.
    """

    interval: str
    setting: str
    covered: float
    data_sets: int
    width: float
    picked: bool = False

    @property
    def share(self) -> float:
        """The measured coverage."""
        return self.covered / self.data_sets


def measure(*, data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate every kind of interval, each setting from a stream of its own."""
    families = (
        proportions,
        differences,
        pairwise_differences,
        leads,
        odds_ratios,
        lifts,
        associations,
        distances,
        kappas,
    )
    for family in families:
        yield from family(data_sets, seed)


def proportions(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate one share of few and of as many failures as the study has."""
    for trials, share in ((20, 0.05), (20, 0.3), (86, 0.1), (706, 0.02), (706, 0.3)):
        setting = f"{trials} trials, share {share:g}"
        for name, method in (
            ("Wilson", wilson_interval),
            ("Clopper-Pearson", clopper_pearson_interval),
        ):
            generator = _stream(seed, name, setting)
            drawn = generator.binomial(trials, share, size=(_CHEAP * data_sets, 1))
            yield _of_outcomes(name, setting, drawn, share, _with_trials(method, trials))


def differences(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate the difference of two shares."""
    for n, m, p, q in ((20, 20, 0.1, 0.4), (86, 449, 0.02, 0.02), (149, 557, 0.31, 0.15)):
        setting = f"{p:g} of {n} against {q:g} of {m}"
        generator = _stream(seed, "difference", setting)
        size = _CHEAP * data_sets
        drawn = np.stack([generator.binomial(n, p, size), generator.binomial(m, q, size)], axis=1)
        yield _of_outcomes(
            "difference (Newcombe)",
            setting,
            drawn,
            p - q,
            lambda a, b, n=n, m=m: difference_interval(a, n, b, m),
        )


def pairwise_differences(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate how often all intervals of a family hold at once, as changes of versions are told.

    The family is every category of every pair of three versions; the last is alike or moved.
    """
    profiles = {
        "5 symptoms": SYMPTOM_BY_CAUSE.sum(axis=1),
        "9 causes": SYMPTOM_BY_CAUSE.sum(axis=0),
        "26 leaves of causes": np.concatenate(CAUSE_LEAVES),
    }
    name = "differences of versions, all at once (Newcombe, Bonferroni)"
    for title, totals in profiles.items():
        profile = totals / totals.sum()
        for sizes in ((20, 40, 60), (80, 160, 240)):
            for distance in (0.0, 0.1):
                shape = "alike" if distance == 0 else f"one moved by {distance:g}"
                setting = f"{title}, versions of {', '.join(map(str, sizes))}, {shape}"
                shares = [profile, profile, shifted(profile, distance, spread=True)]
                generator = _stream(seed, name, setting)
                drawn = [
                    generator.multinomial(size, share, size=_CHEAP * data_sets)
                    for size, share in zip(sizes, shares, strict=True)
                ]
                yield _all_at_once(name, setting, drawn, shares)


def _all_at_once(
    name: str, setting: str, drawn: list[IntArray], shares: list[FloatArray]
) -> Coverage:
    pairs = list(combinations(range(len(drawn)), 2))
    confidence = 1 - (1 - NOMINAL) / (len(pairs) * shares[0].size)
    all_cover = np.ones(len(drawn[0]), dtype=bool)
    widths = []
    for first, second in pairs:
        a, b = drawn[first], drawn[second]
        low, high = newcombe(a, float(a[0].sum()), b, float(b[0].sum()), confidence=confidence)
        truth = shares[first] - shares[second]
        all_cover &= ((low - _ROUNDING <= truth) & (truth <= high + _ROUNDING)).all(axis=1)
        widths.append(float((high - low).mean()))
    return Coverage(
        interval=name,
        setting=setting,
        covered=float(all_cover.sum()),
        data_sets=len(all_cover),
        width=float(np.mean(widths)),
    )


def leads(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate the difference of two shares of the same whole."""
    for n, p, q in ((20, 0.3, 0.2), (86, 0.02, 0.02), (86, 0.5, 0.4), (706, 0.42, 0.34)):
        setting = f"{p:g} and {q:g} of the same {n}"
        generator = _stream(seed, "lead", setting)
        drawn = generator.multinomial(n, (p, q, 1 - p - q), size=_CHEAP * data_sets)
        yield _of_outcomes(
            "lead of one share (adjusted Wald)",
            setting,
            drawn[:, :2],
            p - q,
            lambda a, b, n=n: lead_interval(a, b, n),
        )


def odds_ratios(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate odds ratios, some of them of tables in which empty cells are usual."""
    for n, m, p, q in (
        (149, 557, 0.31, 0.15),
        (149, 557, 0.027, 0.02),
        (86, 449, 0.01, 0.01),
        (20, 20, 0.1, 0.4),
        (15, 30, 0.05, 0.05),
    ):
        setting = f"{p:g} of {n} against {q:g} of {m}"
        generator = _stream(seed, "odds ratio", setting)
        size = _CHEAP * data_sets
        drawn = np.stack([generator.binomial(n, p, size), generator.binomial(m, q, size)], axis=1)
        yield _of_outcomes(
            "odds ratio (mid-p exact)",
            setting,
            drawn,
            p / (1 - p) / (q / (1 - q)),
            lambda a, b, n=n, m=m: _odds_ratio(a, n, b, m),
        )


def lifts(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate the lifts of all cells of a table; cells that are never filled have no share."""
    name = "lift (Wilson limits combined)"
    for title, table in (
        ("symptom x cause", SYMPTOM_BY_CAUSE),
        ("stage x symptom", STAGE_BY_SYMPTOM),
    ):
        total = int(table.sum())
        for strength, factor in _STRENGTHS.items():
            shares = weakened(table, factor)
            truth = shares / independent(table)
            tables = _tables(shares, total, data_sets, _stream(seed, name, title, strength))
            bounds = np.array([lift_intervals(each) for each in tables])
            low, high = bounds[:, 0], bounds[:, 1]
            covered = np.where(
                np.isnan(low), np.nan, (low <= truth + _ROUNDING) & (truth - _ROUNDING <= high)
            )
            possible = shares > 0
            sparse = (total * independent(table) < 5) & possible
            cells = {
                "cells expected 5 or more": possible & ~sparse,
                "cells expected below 5": sparse,
            }
            for kind, chosen in cells.items():
                if chosen.any():
                    yield Coverage(
                        interval=name,
                        setting=f"{title}, {strength}, {kind}",
                        covered=data_sets * float(np.nanmean(covered[:, chosen])),
                        data_sets=data_sets,
                        width=float(np.nanmean((high - low)[:, chosen])),
                    )
            worst = float(np.nanmean(covered[:, possible], axis=0).min())
            yield Coverage(
                interval=name,
                setting=f"{title}, {strength}, the worst cell",
                covered=data_sets * worst,
                data_sets=data_sets,
                width=float(np.nanmean((high - low)[:, possible])),
                picked=True,
            )


def associations(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate the intervals for Cramer's V over strengths, and in sparse tables of leaves."""
    total = int(SYMPTOM_BY_CAUSE.sum())
    populations = {
        f"{title}, {strength}": weakened(table, factor)
        for title, table in PUBLISHED.items()
        for strength, factor in _STRENGTHS.items()
    }
    populations |= {
        f"leaves, 37 x 26, {strength}": leaf_shares(factor)
        for strength, factor in _STRENGTHS.items()
    }
    populations["one table of 80, 2 x 2, strong"] = np.array([[0.4, 0.1], [0.05, 0.45]])
    populations["5 x 5, nearly one to one"] = 0.9 * np.eye(5) / 5 + 0.1 / 25
    for setting, shares in populations.items():
        size = 80 if "of 80" in setting else total
        generator = _stream(seed, "association", setting)
        tables = _tables(shares, size, data_sets, generator)
        truth = population_v(shares[shares.sum(axis=1) > 0])
        resamples = _LARGE_RESAMPLES if shares.size > 100 else RESAMPLES
        methods: dict[str, Callable[[IntArray], Interval]] = {
            "V: scaled noncentral (recommended)": lambda each: association_interval(each).interval,
            "V: noncentral chi-square": noncentral_interval,
            "V: percentile bootstrap": lambda each, generator=generator, resamples=resamples: (  # type: ignore[misc]
                bootstrap_interval(each, replicates=resamples, generator=generator)
            ),
        }
        for name, method in methods.items():
            yield _of_intervals(name, setting, [method(each) for each in tables], truth)


def distances(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate the total variation of two series' profiles, alike and not."""
    series = {"5 symptoms": SYMPTOM_BY_CAUSE.sum(axis=1), "9 causes": SYMPTOM_BY_CAUSE.sum(axis=0)}
    for title, totals in series.items():
        profile = totals / totals.sum()
        for n, m in ((86, 449), (171, 449)):
            for distance, spread in (
                (0.0, False),
                (0.03, True),
                (0.1, False),
                (0.1, True),
                (0.2, True),
            ):
                shape = "" if distance == 0 else ", spread" if spread else ", two categories"
                setting = f"{title}, {n} against {m}, {distance:g}{shape}"
                generator = _stream(seed, "total variation", setting)
                other = shifted(profile, distance, spread=spread)
                first = generator.multinomial(n, other, size=data_sets)
                second = generator.multinomial(m, profile, size=data_sets)
                for name, method in (
                    ("total variation: over sets (recommended)", total_variation_interval),
                    ("total variation: percentile bootstrap", _percentile_total_variation),
                ):
                    found = [
                        method(a, b, replicates=RESAMPLES, generator=generator)
                        for a, b in zip(first, second, strict=True)
                    ]
                    yield _of_intervals(name, setting, found, distance)


def kappas(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate Cohen's kappa of two raters who agree by chance or because they know."""
    margins = SYMPTOM_BY_CAUSE.sum(axis=1) / SYMPTOM_BY_CAUSE.sum()
    stages = STAGE_BY_SYMPTOM.sum(axis=1) / STAGE_BY_SYMPTOM.sum()
    for title, shares, items, kappa in (
        ("5 symptoms", margins, 60, 0.73),
        ("5 symptoms", margins, 133, 0.73),
        ("2 stages", stages, 60, 0.9),
        ("2 stages", stages, 200, 0.98),
    ):
        setting = f"{title}, {items} items, kappa {kappa:g}"
        generator = _stream(seed, "kappa", setting)
        joint = kappa * np.diag(shares) + (1 - kappa) * np.outer(shares, shares)
        found = []
        for table in _tables(joint, items, data_sets, generator):
            ratings = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)
            interval = agreement_interval(
                ratings,
                coefficient=Coefficient.COHEN_KAPPA,
                categories=shares.size,
                replicates=RESAMPLES,
                generator=generator,
            )
            found += [] if interval is None else [interval]
        yield _of_intervals("Cohen's kappa: percentile bootstrap", setting, found, kappa)


def page(rows: list[Coverage], *, data_sets: int, seed: int, command: str, seconds: float) -> str:
    """Write the page: how it was measured, one line an interval, one line a setting."""
    return f"""# How often the intervals cover

Data sets were drawn from populations whose truth is known, and the intervals of each were asked
whether they hold it. *Measured* is the share that did, with a Wilson interval of its own, since
the number of data sets is finite. The populations have the margins of the published tables;
*weak* is half way between independence and the observed table, in every cell. The leaves have
their published totals and the pattern of their classes. A bootstrap drew {RESAMPLES} resamples,
{_LARGE_RESAMPLES} for the leaves. *The worst cell* is picked for its result, so it looks worse
than it is and does not count as short.

- date: {datetime.now(UTC):%Y-%m-%d}
- versions: firstmile {firstmile.__version__}, Python {platform.python_version()}, \
numpy {np.__version__}, scipy {scipy.__version__}
- machine: {platform.system()}, {platform.machine()}; {seconds:.0f} s of one processor
- seed: {seed}; data sets a setting: {data_sets}, {_CHEAP} times as many for single shares, \
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
    unfinished = options.write.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(options.write)


def _stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of a setting, which depends on no other setting."""
    return np.random.default_rng([seed, crc32(" ".join(names).encode())])


def _tables(
    shares: FloatArray, total: int, data_sets: int, generator: np.random.Generator
) -> IntArray:
    drawn = generator.multinomial(total, shares.ravel() / shares.sum(), size=data_sets)
    return drawn.reshape(data_sets, *shares.shape)


def _with_trials(
    method: Callable[[float, float], Interval], trials: int
) -> Callable[[int], Interval]:
    return lambda successes: method(successes, trials)


def _odds_ratio(a: int, n: int, b: int, m: int) -> Interval:
    found = odds_ratio(a, n - a, b, m - b)
    return Interval(found.low, np.inf if found.high is None else found.high)


def _percentile_total_variation(
    a: IntArray, b: IntArray, *, replicates: int, generator: np.random.Generator
) -> Interval:
    first = generator.multinomial(a.sum(), a / a.sum(), size=replicates)
    second = generator.multinomial(b.sum(), b / b.sum(), size=replicates)
    low, high = percentile(total_variation(first, second))
    return Interval(float(low), float(high))


def _of_outcomes(
    name: str,
    setting: str,
    outcomes: IntArray,
    truth: float,
    method: Callable[..., Interval],
) -> Coverage:
    """Judge each distinct outcome (a row of counts) once."""
    distinct, times = np.unique(outcomes, axis=0, return_counts=True)
    found = [method(*(int(count) for count in outcome)) for outcome in distinct]
    covers = np.array([_covers(each, truth) for each in found])
    widths = np.array([each.width for each in found])
    return Coverage(
        interval=name,
        setting=setting,
        covered=float((covers * times).sum()),
        data_sets=len(outcomes),
        width=float((widths * times).sum() / times.sum()),
    )


def _of_intervals(name: str, setting: str, found: list[Interval], truth: float) -> Coverage:
    return Coverage(
        interval=name,
        setting=setting,
        covered=float(sum(_covers(each, truth) for each in found)),
        data_sets=len(found),
        width=float(np.mean([each.width for each in found])),
    )


def _covers(interval: Interval, truth: float) -> bool:
    return interval.low - _ROUNDING <= truth <= interval.high + _ROUNDING


if __name__ == "__main__":
    main()
