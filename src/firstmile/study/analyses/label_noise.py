"""Which conclusions survive if part of the labels is wrong?

The simulation relabels failures at random. It adds noise to labels that are noisy already, so
on average it can only weaken the association of a table: a conclusion that survives is robust,
one that falls need not be false.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.statistics.relabeling import relabel, uniform_confusion
from firstmile.study.analysis import Chapter, Example
from firstmile.study.conclusions import Conclusion, Drawn, conclusions, whole
from firstmile.study.counts import Counts, NotKnown, Table
from firstmile.study.pictures import noise_figures
from firstmile.study.settings import FloatArray, Settings
from firstmile.study.worked import rows

HEADING: Final = "Label noise"
CHAPTER: Final = Chapter.ROBUSTNESS
PLACE: Final = 2

SURVIVES: Final = 0.50
"""A conclusion survives a noise rate when it holds in more than this share of relabellings."""
SURELY: Final = 0.80
"""It does so surely from this share on."""


class NoiseCurve(msgspec.Struct, frozen=True, kw_only=True):
    """How often one conclusion holds.

    `shares` belongs to `LabelNoise.rates`, every labelled axis of the table being relabelled at
    that rate; `symptom_only` and `cause_only` relabel one axis and leave the other as it is
    (empty where the table has one labelled axis only). `given` is the share under the given
    confusion matrices, None where none was given. `is_cell` marks cells of symptom by cause.
    """

    conclusion: str
    is_cell: bool
    says: str
    observed: bool
    shares: tuple[float, ...]
    symptom_only: tuple[float, ...]
    cause_only: tuple[float, ...]
    given: float | None


class LabelNoise(msgspec.Struct, frozen=True, kw_only=True):
    """All curves; `given_for` names the axes with a given confusion matrix."""

    rates: tuple[float, ...]
    replicates: int
    given_for: tuple[str, ...]
    curves: tuple[NoiseCurve, ...]

    def curve(self, conclusion: str) -> NoiseCurve:
        """Return the curve of a conclusion; KeyError if there is none."""
        for curve in self.curves:
            if curve.conclusion == conclusion:
                return curve
        raise KeyError(conclusion)


def compute(counts: Counts, settings: Settings) -> LabelNoise:
    """Relabel symptoms and causes at every rate, and see which conclusions hold."""
    curves: list[NoiseCurve] = []
    given = tuple(sorted(settings.confusions))
    for group in conclusions(counts, settings):
        table = group[0].table
        noisy = _at_rates(table, settings, ("symptom", "cause"))
        both = {table.rows, table.columns} == {"symptom", "cause"}
        alone = {
            axis: _at_rates(table, settings, (axis,)) if both else []
            for axis in ("symptom", "cause")
        }
        matrices = {axis: settings.confusions[axis] for axis in given}
        measured = (
            _relabelled(table, settings, matrices, "given")
            if {table.rows, table.columns} & set(given)
            else None
        )
        observed = Drawn(whole(table)[None], level=settings.false_discovery_rate)
        curves += [
            NoiseCurve(
                conclusion=one.id,
                is_cell=one.is_cell,
                says=one.says,
                observed=bool(one.holds(observed)[0]),
                shares=_held(one, noisy),
                symptom_only=_held(one, alone["symptom"]),
                cause_only=_held(one, alone["cause"]),
                given=None if measured is None else float(one.holds(measured).mean()),
            )
            for one in group
        ]
    if not curves:
        raise NotKnown("the source has no table with a conclusion to test")
    return LabelNoise(
        rates=settings.noise_rates,
        replicates=settings.noise_replicates,
        given_for=given,
        curves=tuple(curves),
    )


def _held(conclusion: Conclusion, noisy: Sequence[Drawn]) -> tuple[float, ...]:
    return tuple(float(conclusion.holds(drawn).mean()) for drawn in noisy)


def _at_rates(table: Table, settings: Settings, axes: tuple[str, ...]) -> list[Drawn]:
    present = [axis for axis in axes if axis in (table.rows, table.columns)]
    return [
        _relabelled(
            table,
            settings,
            {axis: uniform_confusion(_width(table, axis), rate=rate) for axis in present},
            f"{'+'.join(present)} {rate}",
        )
        for rate in settings.noise_rates
    ]


def _width(table: Table, axis: str) -> int:
    sizes = {table.rows: len(table.row_codes), table.columns: len(table.column_codes)}
    return sizes.get(axis, 1)


def _relabelled(
    table: Table, settings: Settings, confusions: dict[str, FloatArray], purpose: str
) -> Drawn:
    tables = relabel(
        whole(table),
        row_confusion=confusions.get(table.rows),
        column_confusion=confusions.get(table.columns),
        replicates=settings.noise_replicates,
        generator=settings.generator("noise", table.rows, table.columns, purpose),
    )
    return Drawn(tables, level=settings.false_discovery_rate)


def surviving(result: LabelNoise, rate: float, axes: str) -> int:
    """Count the cells of symptom by cause that survive a rate; `axes` is a field of NoiseCurve."""
    at = result.rates.index(rate)
    return sum(
        getattr(curve, axes)[at] > SURVIVES
        for curve in result.curves
        if curve.is_cell and curve.observed
    )


def sentences(result: LabelNoise) -> tuple[str, ...]:
    """Say what survives a middle and the highest rate, and what falls first."""
    middle, highest = result.rates[len(result.rates) // 2], result.rates[-1]
    cells = sum(curve.is_cell and curve.observed for curve in result.curves)
    spoken = []
    if cells:
        spoken.append(
            f"Of the {cells} cells of symptom by root cause that stand out, "
            f"{surviving(result, middle, 'symptom_only')} still do in most relabellings when "
            f"{middle:.0%} of the symptoms are replaced at random, "
            f"{surviving(result, middle, 'cause_only')} when {middle:.0%} of the causes are, and "
            f"{surviving(result, middle, 'shares')} when both are ({result.replicates:,} "
            "relabellings each)."
        )
    strong = [c.says for c in result.curves if c.observed and c.shares[-1] >= SURELY]
    weak = [c.says for c in result.curves if c.observed and c.shares[0] <= SURVIVES]
    if strong:
        spoken.append(
            f"With {highest:.0%} of all labels replaced there still hold, in at least "
            f"{SURELY:.0%} of relabellings: {'; '.join(strong)}."
        )
    if weak:
        spoken.append(
            f"With {result.rates[0]:.0%} replaced these no longer hold in most relabellings: "
            f"{'; '.join(weak)}."
        )
    if result.given_for:
        kept = sum((c.given or 0) > SURVIVES for c in result.curves if c.given is not None)
        tested = sum(c.given is not None for c in result.curves)
        spoken.append(
            f"Under the given confusion of {' and '.join(result.given_for)}, {kept} of {tested} "
            "conclusions hold in most relabellings."
        )
    return tuple(spoken)


def grids(result: LabelNoise) -> tuple[Grid, ...]:
    """Return the share of relabellings in which each conclusion holds."""
    given = ("Given confusion",) if result.given_for else ()
    return (
        Grid(
            id="label-noise",
            caption="Share of relabellings in which a conclusion holds",
            header=(
                "Conclusion",
                "Holds as labelled",
                "Relabelled",
                *(f"{r:.0%}" for r in result.rates),
                *given,
            ),
            rows=tuple(
                (c.says, c.observed, relabelled, *shares, *((c.given,) if given else ()))
                for c in result.curves
                for relabelled, shares in (
                    ("all labels", c.shares),
                    ("symptoms", c.symptom_only),
                    ("causes", c.cause_only),
                )
                if shares
            ),
            decimals=dict.fromkeys(range(3, 3 + len(result.rates) + len(given)), 2),
        ),
    )


def figures(result: LabelNoise) -> tuple[Figure, ...]:
    """Draw each conclusion's curve."""
    return noise_figures(result)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 200),
        ("loading/tokenizer", "tokenizer/file", "inference", 200),
    ),
    check=lambda result: (
        result.curve("symptom-goes-with-cause").observed
        and min(result.curve("symptom-goes-with-cause").shares) == 1
        and not result.curve("tokenizer-is-the-largest-cause").observed
    ),
)
