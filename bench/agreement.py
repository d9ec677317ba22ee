"""Agreement on real raters, and what its bootstrap intervals cost.

`python -m bench.agreement --write docs/agreement.md` writes the page. The ratings are those of the
dl-faults study (up to four of six raters an artifact), read from the folder FIRSTMILE_DATA.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import openpyxl
import scipy

import firstmile
from firstmile.statistics.agreement import Coefficient, agreement_interval
from firstmile.statistics.dawid_skene import DawidSkene, dawid_skene
from firstmile.study.agreement.coefficients import Coefficients, coefficients
from firstmile.study.estimates import Estimate
from firstmile.study.settings import Settings

ROUNDS: Final = range(1, 7)
RATERS: Final = ("E1", "E2", "E3", "E4", "E5", "E6")
PUBLISHED: Final = {
    "Gwet's AC1": (0.611, 0.566, 0.656),
    "Krippendorff's alpha": (0.568, 0.521, 0.614),
}
"""The reference figures of the data's description (983 artifacts with two raters or more)."""
_FALSE_POSITIVE: Final = "false positive"
_LOOP: Final = 50
_SIZES: Final = ((50, 2, 9), (983, 4, 2), (983, 4, 26), (5_000, 2, 37))

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One artifact: its round, tags by rater, the tag agreed on at last, and what stands in the
    column right of the second rater where that column's name is missing.
    """

    round: int
    tags: dict[str, str]
    final: str | None
    unnamed: str | None


def read_artifacts(folder: Path) -> list[Artifact]:
    """Read all rounds of dl-faults, each with its own order of columns."""
    found = []
    for number in ROUNDS:
        workbook = openpyxl.load_workbook(
            folder / f"round_{number}.xlsx", read_only=True, data_only=True
        )
        header, *rows = workbook[f"Round {number} All"].iter_rows(values_only=True)
        workbook.close()
        names = [str(cell).lower() for cell in header]
        for row in rows:
            if any(cell is not None for cell in row):
                found.append(_artifact(number, names, row))
    return found


def _artifact(number: int, names: list[str], row: Sequence[object]) -> Artifact:
    def cell(name: str) -> str | None:
        value = row[names.index(name)] if name in names else None
        return None if value is None else str(value)

    tags = {
        rater: tag
        for place in range(1, 5)
        if (rater := cell(f"evaluator{place}")) and (tag := cell(f"tag{place}"))
    }
    unnamed = row[names.index("evaluator2") + 1] if "tag2" not in names else None
    return Artifact(
        round=number,
        tags=tags,
        final=cell("final tag"),
        unnamed=None if unnamed is None else str(unnamed),
    )


def rated(artifacts: Sequence[Artifact], *, with_unnamed: bool = False) -> IntArray:
    """Return ratings (artifacts, raters): 1 for a false positive, 0 for any other tag, -1 for none.

    `with_unnamed` takes what stands right of round 2's second rater for that rater's tag, in a
    column more; it holds the third raters' names, so it counts as any other tag.
    """
    columns = [
        [_code(one.tags.get(rater)) for rater in RATERS]
        + ([_code(one.unnamed)] if with_unnamed else [])
        for one in artifacts
    ]
    width = len(RATERS) + with_unnamed
    codes = np.array(columns, dtype=np.int64).reshape(len(artifacts), width)
    twice: npt.NDArray[np.bool_] = (codes >= 0).sum(axis=1) >= 2
    return codes[twice]


def _code(tag: str | None) -> int:
    return -1 if tag is None else int(_FALSE_POSITIVE in tag)


def figures(codes: IntArray, settings: Settings, *purpose: str) -> Coefficients:
    """Return all coefficients of ratings with two categories."""
    names = [*RATERS, "unnamed"][: codes.shape[1]]
    return coefficients(codes, raters=names, categories=2, settings=settings, purpose=purpose)


def consensus_against_final(artifacts: Sequence[Artifact]) -> tuple[DawidSkene, dict[str, int]]:
    """Estimate what artifacts are and compare with the tag agreed on after discussion.

    Counts the artifacts with a final tag, how many of these Dawid and Skene and the majority get
    right, and how many the majority leaves tied.
    """
    known = [one for one in artifacts if one.final is not None and len(one.tags) > 1]
    codes = rated(known)
    found = dawid_skene(codes, categories=2)
    final = np.array([_code(one.final) for one in known])
    ones, zeros = (codes == 1).sum(axis=1), (codes == 0).sum(axis=1)
    majority = np.where(ones == zeros, -1, (ones > zeros).astype(np.int64))
    likely = found.most_likely()
    return found, {
        "artifacts": len(known),
        "Dawid-Skene": int((likely == final).sum()),
        "majority": int((majority == final).sum()),
        "tied": int((majority == -1).sum()),
        "Dawid-Skene, of the tied": int(((likely == final) & (majority == -1)).sum()),
    }


def page(artifacts: Sequence[Artifact], *, settings: Settings, command: str) -> str:
    """Return the page."""
    return "".join(
        [
            "<!-- Generated by `python -m bench.agreement`; do not edit. -->\n",
            "# Agreement, on real raters\n\n",
            *_readings(artifacts, settings),
            *_rounds(artifacts, settings),
            *_raters(artifacts, settings),
            *_consensus(artifacts),
            *_speed(settings),
            *_about(command),
        ]
    )


def _readings(artifacts: Sequence[Artifact], settings: Settings) -> Iterator[str]:
    yield (
        'The tags of the dl-faults study (CC BY 4.0): a tag that contains "false positive" '
        "against any other, artifacts with at least two raters. Round 2 lacks the header of its "
        "second tag column. What stands right of its second rater are the third raters' names; "
        'read as tags they count as "any other". Both readings:\n\n'
        "| reading | artifacts | agreement | Gwet's AC1 | Krippendorff's alpha |\n"
        "|---|---|---|---|---|\n"
    )
    for name, unnamed in (("that column not read", False), ("that column read", True)):
        codes = rated(artifacts, with_unnamed=unnamed)
        found = figures(codes, settings, name)
        yield (
            f"| {name} | {found.paired} | {_said(found.percent)} | {_said(found.ac1)} "
            f"| {_said(found.alpha)} |\n"
        )
    yield "| reference (not read) | 983 | |"
    for name in ("Gwet's AC1", "Krippendorff's alpha"):
        estimate, low, high = PUBLISHED[name]
        yield f" {_said(Estimate(estimate=estimate, low=low, high=high))} |"
    yield (
        f"\n\nIntervals: percentile bootstrap over artifacts, {settings.bootstraps:,} replicates, "
        f"{settings.confidence:.0%}; those of the reference are analytic.\n\n"
    )


def _rounds(artifacts: Sequence[Artifact], settings: Settings) -> Iterator[str]:
    yield (
        "## Round by round\n\nFirst tags, before conflicts were resolved. Without round 2's "
        "second tags only its artifacts that a third rater had to look at have two, which are "
        "those in conflict.\n\n"
        "| round | artifacts | agreement | Gwet's AC1 | Krippendorff's alpha |\n"
        "|---|---|---|---|---|\n"
    )
    for number in ROUNDS:
        codes = rated([one for one in artifacts if one.round == number])
        if not len(codes):
            yield f"| {number} | 0 | no artifact has two tags | | |\n"
            continue
        found = figures(codes, settings, "round", str(number))
        yield (
            f"| {number} | {found.paired} | {_said(found.percent)} | {_said(found.ac1)} "
            f"| {_said(found.alpha)} |\n"
        )
    yield "\n"


def _raters(artifacts: Sequence[Artifact], settings: Settings) -> Iterator[str]:
    yield "## Pair by pair\n\n| raters | artifacts | Cohen's kappa |\n|---|---|---|\n"
    for pair in figures(rated(artifacts), settings, "pairs").kappas:
        if pair.items:
            yield f"| {pair.first} and {pair.second} | {pair.items} | {_said(pair.kappa)} |\n"
    yield "\n"


def _consensus(artifacts: Sequence[Artifact]) -> Iterator[str]:
    found, counts = consensus_against_final(artifacts)
    total = counts["artifacts"]
    yield (
        "## Who is right\n\nDawid and Skene's estimate from the first tags alone, against the tag "
        "agreed on after discussion.\n\n"
        "| | artifacts | share |\n|---|---|---|\n"
        f"| with a final tag and two raters | {total} | |\n"
    )
    for name in ("Dawid-Skene", "majority"):
        yield f"| {name} equals the final tag | {counts[name]} | {counts[name] / total:.3f} |\n"
    tied = counts["tied"]
    right = counts["Dawid-Skene, of the tied"]
    yield f"| majority tied | {tied} | {tied / total:.3f} |\n"
    share = f"{right / tied:.3f} of them" if tied else ""
    yield f"| Dawid-Skene right where tied | {right} | {share} |\n\n"
    yield "| rater | estimated accuracy |\n|---|---|\n"
    for rater, accuracy in zip(RATERS, found.accuracy(), strict=True):
        yield f"| {rater} | {accuracy:.3f} |\n"
    yield "\n"


def _speed(settings: Settings) -> Iterator[str]:
    yield (
        "## What the intervals cost\n\n"
        f"CPU seconds for {settings.bootstraps:,} bootstrap replicates. The loop is what "
        "one writes with scikit-learn's `cohen_kappa_score`, "
        f"{_LOOP} replicates measured and scaled.\n\n"
        "| items | raters | categories | Gwet's AC1 | Krippendorff's alpha | Cohen's kappa "
        "| kappa, loop | times faster |\n|---|---|---|---|---|---|---|---|\n"
    )
    by_hand = import_module("sklearn.metrics").cohen_kappa_score
    for items, raters, categories in _SIZES:
        codes = simulated(items, raters, categories)
        seconds = {
            coefficient: _seconds(
                partial(
                    agreement_interval,
                    ratings,
                    coefficient=coefficient,
                    categories=categories,
                    replicates=settings.bootstraps,
                    generator=np.random.default_rng(1),
                )
            )
            for coefficient, ratings in (
                (Coefficient.GWET_AC1, codes),
                (Coefficient.KRIPPENDORFF_ALPHA, codes),
                (Coefficient.COHEN_KAPPA, codes[:, :2]),
            )
        }
        loop = _seconds(partial(_kappa_loop, codes, by_hand)) * settings.bootstraps / _LOOP
        kappa = seconds[Coefficient.COHEN_KAPPA]
        yield (
            f"| {items:,} | {raters} | {categories} | {seconds[Coefficient.GWET_AC1]:.2f} "
            f"| {seconds[Coefficient.KRIPPENDORFF_ALPHA]:.2f} | {kappa:.3f} | {loop:.1f} "
            f"| {loop / kappa:,.0f} |\n"
        )
    yield "\n"


def _about(command: str) -> Iterator[str]:
    yield (
        f"Measured {datetime.now(UTC):%Y-%m-%d} with `{command}`: firstmile "
        f"{firstmile.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}, Python "
        f"{platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores.\n"
    )


def simulated(items: int, raters: int, categories: int) -> IntArray:
    """Return ratings in which a rater is right in seven of ten cases and guesses otherwise."""
    generator = np.random.default_rng(7)
    truth = generator.integers(0, categories, size=(items, 1))
    guess = generator.integers(0, categories, size=(items, raters))
    return np.where(generator.random((items, raters)) < 0.7, truth, guess)


def _kappa_loop(codes: IntArray, kappa: Callable[[IntArray, IntArray], float]) -> None:
    generator = np.random.default_rng(1)
    for _ in range(_LOOP):
        drawn = generator.integers(0, len(codes), size=len(codes))
        kappa(codes[drawn, 0], codes[drawn, 1])


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _said(found: Estimate) -> str:
    if found.estimate is None:
        return "not defined"
    if found.low is None or found.high is None:
        return f"{found.estimate:.3f}"
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the page or write it."""
    parser = argparse.ArgumentParser(prog="python -m bench.agreement", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
    parser.add_argument("--replicates", type=int, default=10_000, help="bootstrap replicates")
    options = parser.parse_args(arguments)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    data = Path(os.environ.get("FIRSTMILE_DATA") or beside)
    text = page(
        read_artifacts(data / "dl-faults"),
        settings=Settings(bootstraps=options.replicates),
        command=f"python -m bench.agreement --replicates {options.replicates}",
    )
    if options.write is None:
        print(text, end="")
        return
    unfinished = options.write.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(options.write)


if __name__ == "__main__":
    main()
