"""Every kind of interval over populations whose truth is known, one function a kind."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from typing import Final

import numpy as np

from bench.coverage import NOMINAL, ROUNDING, Coverage, of_intervals, of_outcomes, stream, tables_of
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

RESAMPLES: Final = 300
LARGE_RESAMPLES: Final = 100
CHEAP: Final = 20
"""How many times as many data sets are simulated where equal ones are judged once."""
_STRENGTHS: Final = {"independent": 0.0, "weak (half the observed)": 0.5, "observed": 1.0}


def proportions(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate one share of few and of as many failures as the study has."""
    for trials, share in ((20, 0.05), (20, 0.3), (86, 0.1), (706, 0.02), (706, 0.3)):
        setting = f"{trials} trials, share {share:g}"
        for name, method in (
            ("Wilson", wilson_interval),
            ("Clopper-Pearson", clopper_pearson_interval),
        ):
            generator = stream(seed, name, setting)
            drawn = generator.binomial(trials, share, size=(CHEAP * data_sets, 1))
            yield of_outcomes(name, setting, drawn, share, _with_trials(method, trials))


def differences(data_sets: int, seed: int) -> Iterator[Coverage]:
    """Simulate the difference of two shares."""
    for n, m, p, q in ((20, 20, 0.1, 0.4), (86, 449, 0.02, 0.02), (149, 557, 0.31, 0.15)):
        setting, drawn = _two_shares("difference", (n, p), (m, q), data_sets, seed)
        yield of_outcomes(
            "difference (Newcombe)",
            setting,
            drawn,
            p - q,
            lambda a, b, n=n, m=m: difference_interval(a, n, b, m),
        )


def _two_shares(
    name: str, first: tuple[int, float], second: tuple[int, float], data_sets: int, seed: int
) -> tuple[str, IntArray]:
    """Name a setting of two groups, each a size and a share, and draw hits in both (sets, 2)."""
    (n, p), (m, q) = first, second
    setting = f"{p:g} of {n} against {q:g} of {m}"
    generator = stream(seed, name, setting)
    size = CHEAP * data_sets
    return setting, np.stack(
        [generator.binomial(n, p, size), generator.binomial(m, q, size)], axis=1
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
                generator = stream(seed, name, setting)
                drawn = [
                    generator.multinomial(size, share, size=CHEAP * data_sets)
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
        all_cover &= ((low - ROUNDING <= truth) & (truth <= high + ROUNDING)).all(axis=1)
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
        generator = stream(seed, "lead", setting)
        drawn = generator.multinomial(n, (p, q, 1 - p - q), size=CHEAP * data_sets)
        yield of_outcomes(
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
        setting, drawn = _two_shares("odds ratio", (n, p), (m, q), data_sets, seed)
        yield of_outcomes(
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
            tables = tables_of(shares, total, data_sets, stream(seed, name, title, strength))
            bounds = np.array([lift_intervals(each) for each in tables])
            low, high = bounds[:, 0], bounds[:, 1]
            covered = np.where(
                np.isnan(low), np.nan, (low <= truth + ROUNDING) & (truth - ROUNDING <= high)
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
        generator = stream(seed, "association", setting)
        tables = tables_of(shares, size, data_sets, generator)
        truth = population_v(shares[shares.sum(axis=1) > 0])
        resamples = LARGE_RESAMPLES if shares.size > 100 else RESAMPLES
        methods: dict[str, Callable[[IntArray], Interval]] = {
            "V: scaled noncentral (recommended)": lambda each: association_interval(each).interval,
            "V: noncentral chi-square": noncentral_interval,
            "V: percentile bootstrap": partial(
                bootstrap_interval, replicates=resamples, generator=generator
            ),
        }
        for name, method in methods.items():
            yield of_intervals(name, setting, [method(each) for each in tables], truth)


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
                generator = stream(seed, "total variation", setting)
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
                    yield of_intervals(name, setting, found, distance)


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
        generator = stream(seed, "kappa", setting)
        joint = kappa * np.diag(shares) + (1 - kappa) * np.outer(shares, shares)
        found = []
        for table in tables_of(joint, items, data_sets, generator):
            ratings = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)
            interval = agreement_interval(
                ratings,
                coefficient=Coefficient.COHEN_KAPPA,
                categories=shares.size,
                replicates=RESAMPLES,
                generator=generator,
            )
            found += [] if interval is None else [interval]
        yield of_intervals("Cohen's kappa: percentile bootstrap", setting, found, kappa)


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


FAMILIES: Final = (
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
