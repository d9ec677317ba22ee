"""Tables of how often diagnoses are right, and of how well their probabilities are calibrated."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bench.diagnosing_methods import AXES, Answer, class_of
from firstmile.diagnose.hypotheses import GROUNDED
from firstmile.statistics.agreement import Coefficient, agreement_interval, cohen_kappa
from firstmile.statistics.intervals import wilson_interval
from firstmile.taxonomy import Axis, load_taxonomy

REPLICATES: Final = 2_000
BINS: Final = 10

FloatArray = npt.NDArray[np.float64]


def scores(found: Sequence[Answer], axis: Axis) -> dict[str, Any]:
    """Return kappa with its interval, and how often the first and the first two are right."""
    truth = [class_of(one.case, axis) for one in found]
    codes = sorted({*truth, *(one.ranked[axis][0] for one in found)})
    pairs = np.array(
        [
            [codes.index(t), codes.index(one.ranked[axis][0])]
            for t, one in zip(truth, found, strict=True)
        ]
    )
    interval = agreement_interval(
        pairs,
        coefficient=Coefficient.COHEN_KAPPA,
        categories=len(codes),
        replicates=REPLICATES,
        generator=np.random.default_rng(1),
    )
    first = [t == one.ranked[axis][0] for t, one in zip(truth, found, strict=True)]
    two = [t in one.ranked[axis][:2] for t, one in zip(truth, found, strict=True)]
    return {
        "n": len(found),
        "kappa": cohen_kappa(pairs[:, 0], pairs[:, 1]),
        "interval": interval,
        "first": float(np.mean(first)),
        "two": float(np.mean(two)),
    }


def row(name: str, found: Sequence[Answer]) -> str:
    """Return a method's row of a table."""
    cells = []
    for axis in AXES:
        one = scores(found, axis)
        kappa = "not defined" if one["kappa"] is None else f"{one['kappa']:.2f}"
        if one["interval"] is not None:
            kappa += f" [{one['interval'].low:.2f}, {one['interval'].high:.2f}]"
        cells.append(f"{kappa} | {one['first']:.2f}")
        if axis is Axis.CAUSE:
            cells[-1] += f" | {one['two']:.2f}"
    return f"| {name} | {len(found)} | {' | '.join(cells)} |"


HEAD: Final = (
    "| | reports | symptom: kappa | first | cause: kappa | first | first two | stage: kappa "
    "| first |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


GOALS: Final = (
    # What is measured, the axis, the key of `scores`, the goal, what blind raters reach.
    ("symptom, kappa", Axis.SYMPTOM, "kappa", 0.70, ".73"),
    ("cause, kappa", Axis.CAUSE, "kappa", 0.45, ".60 to .63"),
    ("cause, right in the first two", Axis.CAUSE, "two", 0.75, ".84 to .87"),
    ("stage, kappa", Axis.STAGE, "kappa", 0.85, ".98"),
)
"""What is aimed at on reports never seen. Two raters who saw label names alone set the last column:
how well they agree with the published labels, by an independent analysis of the data."""


def goals(aside: Sequence[Answer], left_out: Sequence[Answer]) -> str:
    """Hold the figures on published labels against what is aimed at."""
    lines = [
        "| | aimed at | blind raters | set aside | one repository left out |",
        "|---|---|---|---|---|",
    ]
    for name, axis, key, goal, raters in GOALS:
        cells = [
            f"{scores(found, axis)[key]:.2f}, "
            + ("met" if round(scores(found, axis)[key], 2) >= goal else "**missed**")
            for found in (aside, left_out)
        ]
        lines.append(f"| {name} | {goal:.2f} | {raters} | {' | '.join(cells)} |")
    return "\n".join(lines)


def confusions(found: Sequence[Answer], axis: Axis) -> str:
    """Return how often each class was taken for each: a row a label, a column an answer."""
    codes = [term.code for term in load_taxonomy().classes(axis)]
    names = {term.code: term.label for term in load_taxonomy().terms}
    counts = Counter((class_of(one.case, axis), one.ranked[axis][0]) for one in found)
    lines = [
        f"| label | reports | {' | '.join(codes)} |",
        f"|---|---|{'---|' * len(codes)}",
    ]
    for label in codes:
        cells = [
            (f"**{counts[label, answer]}**" if label == answer else str(counts[label, answer]))
            for answer in codes
        ]
        total = sum(counts[label, answer] for answer in codes)
        lines.append(f"| {names[label]} | {total} | {' | '.join(cells)} |")
    return "\n".join(lines)


def calibration(found: Sequence[Answer]) -> str:
    """Return log loss, Brier score and calibration error, beside those of perfect calibration."""
    generator = np.random.default_rng(2)
    lines = [
        "| | log loss | Brier score | calibration error | the same if perfectly calibrated |",
        "|---|---|---|---|---|",
    ]
    for axis in AXES:
        codes = sorted({code for one in found for code in (one.chances or {})[axis]})
        chances = np.array(
            [[(one.chances or {})[axis].get(c, 0.0) for c in codes] for one in found]
        )
        truth = np.array([[class_of(one.case, axis) == c for c in codes] for one in found])
        own = np.clip((chances * truth).sum(axis=1), 1e-6, 1)
        drawn = [calibration_error(chances, _drawn(chances, generator)) for _ in range(500)]
        low, high = np.percentile(drawn, [2.5, 97.5])
        brier = float(((chances - truth) ** 2).sum(axis=1).mean())
        lines.append(
            f"| {axis.value} | {-np.log(own).mean():.2f} | {brier:.2f} | "
            f"{calibration_error(chances, truth):.3f} | {low:.3f} to {high:.3f} |"
        )
    return "\n".join(lines)


def _drawn(chances: FloatArray, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    picked = (chances.cumsum(axis=1) > generator.random((len(chances), 1))).argmax(axis=1)
    return np.asarray(np.eye(chances.shape[1], dtype=bool)[picked])


def calibration_error(chances: FloatArray, truth: npt.NDArray[np.bool_]) -> float:
    """Return the mean gap of the first code's probability and its hits, in bins of equal size."""
    first = chances.argmax(axis=1)
    rows = np.arange(len(chances))
    said, right = chances[rows, first], truth[rows, first]
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    gaps = [abs(said[part].mean() - right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(order))


def risk_and_coverage(found: Sequence[Answer]) -> str:
    """Return how often answers are right when only the surest ones are given."""
    lines = ["| answered | symptom right | cause right |", "|---|---|---|"]
    sure = sorted(
        found,
        key=lambda one: -max((one.chances or {})[Axis.CAUSE].values(), default=0.0),
    )
    for part in (0.25, 0.5, 0.75, 1.0):
        some = sure[: max(1, round(part * len(sure)))]
        cells = [
            share(sum(class_of(one.case, axis) == one.ranked[axis][0] for one in some), len(some))
            for axis in (Axis.SYMPTOM, Axis.CAUSE)
        ]
        lines.append(f"| {part:.0%} | {cells[0]} | {cells[1]} |")
    kept = [one for one in found if one.diagnosis is not None and one.diagnosis.abstained is None]
    lines.append(
        f"\nWithout being told to, it answers {share(len(kept), len(found))} of them and abstains "
        "on the others."
    )
    return "\n".join(lines)


def share(hits: int, of: int) -> str:
    """Return a share with its interval and the counts behind it."""
    if not of:
        return "none"
    interval = wilson_interval(hits, of)
    return f"{hits / of:.2f} [{interval.low:.2f}, {interval.high:.2f}] ({hits} of {of})"


def grounding(found: Sequence[Answer]) -> str:
    """Say how many of the hypotheses above one half cite lines."""
    over = [
        one
        for answer in found
        if answer.diagnosis is not None
        for one in (h for hs in answer.diagnosis.classes.values() for h in hs)
        if one.probability > GROUNDED + 1e-9
    ]
    return share(sum(bool(one.evidence) for one in over), len(over))


def leaves(found: Sequence[Answer]) -> str:
    """Return how often the finest code is right, and the classes of the finest codes."""
    known = {term.code for term in load_taxonomy().terms}
    lines = [
        "| | first | first two | first three | class of the first | class of one of two |",
        "|---|---|---|---|---|---|",
    ]
    for axis in (Axis.SYMPTOM, Axis.CAUSE):
        truth = [getattr(one.case.classification, axis.value) for one in found]
        assert set(truth) <= known
        ranked_codes = [(one.leaves or {})[axis] for one in found]
        cells = [
            f"{np.mean([t in codes[:k] for t, codes in zip(truth, ranked_codes, strict=True)]):.2f}"
            for k in (1, 2, 3)
        ]
        classes = [[code.split("/")[0] for code in codes[:2]] for codes in ranked_codes]
        wanted = [code.split("/")[0] for code in truth]
        for k in (1, 2):
            right = [t in codes[:k] for t, codes in zip(wanted, classes, strict=True)]
            cells.append(f"{np.mean(right):.2f}")
        lines.append(f"| {axis.value} | {' | '.join(cells)} |")
    return "\n".join(lines)
