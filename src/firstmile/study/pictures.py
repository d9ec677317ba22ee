"""The study's results as charts: which chart shows what, in which colors."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from firstmile.rendering.charts import (
    AgainstNull,
    ColorKey,
    Estimate,
    color_key,
    dot_interval,
    grouped_bars,
    heat_map,
    noise_curves,
    null_comparison,
    slope,
    stacked_bars,
    treemap,
    verdict_table,
)
from firstmile.rendering.document import Figure
from firstmile.study.association import Association
from firstmile.study.contrasts import Contrast
from firstmile.study.estimates import Share, percent
from firstmile.study.judging import Judgement, Verdict
from firstmile.study.names import dimension_name, name_of, short_name
from firstmile.study.profiles import Pair
from firstmile.taxonomy import Axis, Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from firstmile.study.analyses.label_noise import LabelNoise
    from firstmile.study.analyses.version_changes import Profile


def axis_colors(axis: str) -> ColorKey:
    """Return the colors of an axis: a class has the same one in every chart."""
    return _axis_colors(axis, load_taxonomy())


@lru_cache(maxsize=8)
def _axis_colors(axis: str, taxonomy: Taxonomy) -> ColorKey:
    return color_key([short_name(axis, term.code) for term in taxonomy.classes(Axis(axis))])


def share_figures(
    axis: str, classes: Sequence[Share], leaves: Sequence[Share]
) -> tuple[Figure, ...]:
    """Draw the taxonomy with its counts, and the class shares with their intervals."""
    kind = dimension_name(axis)
    held: dict[str, dict[str, float]] = {short_name(axis, share.code): {} for share in classes}
    for leaf in leaves:
        name = short_name(axis, leaf.code.split("/")[0])
        held[name][_leaf_name(axis, leaf.code)] = leaf.count
    return (
        treemap(
            id=f"{axis}-treemap",
            title=f"Failures by {kind}",
            classes=held,
            colors=axis_colors(axis),
            leaf_name="finest level",
        ),
        dot_interval(
            [
                Estimate(
                    category=short_name(axis, share.code),
                    value=share.estimate,
                    low=share.low,
                    high=share.high,
                )
                for share in classes
            ],
            id=f"{axis}-shares",
            title=f"Shares of {dimension_name(axis, plural=True)} with Wilson intervals",
            value_name="share of failures",
            colors=axis_colors(axis),
            as_percent=True,
            category_name=kind,
        ),
    )


def _leaf_name(axis: str, code: str) -> str:
    """Return a leaf's name; with its parent's where the class has two of that name."""
    return name_of(f"{axis}_leaf", code)


def residual_figure(result: Association, prefix: str) -> Figure:
    """Draw the adjusted residuals of a table; cells that stand out are framed."""
    cells = {(cell.row, cell.column): cell for cell in result.cells}

    def spread(field: str) -> list[list[float]]:
        return [
            [float(getattr(cells[row, column], field)) for column in result.column_codes]
            for row in result.row_codes
        ]

    return heat_map(
        id=f"{prefix}-residuals",
        title=f"{dimension_name(result.rows).capitalize()} by {dimension_name(result.columns)}: "
        "adjusted residuals",
        rows=[short_name(result.rows, code) for code in result.row_codes],
        columns=[short_name(result.columns, code) for code in result.column_codes],
        values=spread("residual"),
        marked=[
            [cells[row, column].significant for column in result.column_codes]
            for row in result.row_codes
        ],
        row_name=dimension_name(result.rows),
        column_name=dimension_name(result.columns),
        value_name="adjusted residual",
        mark_meaning="significant after Benjamini-Hochberg",
        details={"failures": spread("count"), "expected": spread("expected")},
    )


def profile_figure(result: Association, prefix: str) -> Figure:
    """Draw the shares of the rows' categories in each column, as stacked bars."""
    cells = {(cell.row, cell.column): cell.count for cell in result.cells}
    return stacked_bars(
        id=f"{prefix}-profiles",
        title=f"{dimension_name(result.rows, plural=True).capitalize()} by "
        f"{dimension_name(result.columns)}",
        groups=[short_name(result.columns, code) for code in result.column_codes],
        categories=[short_name(result.rows, code) for code in result.row_codes],
        counts=[[cells[row, column] for row in result.row_codes] for column in result.column_codes],
        colors=axis_colors(result.rows),
        group_name=dimension_name(result.columns),
        category_name=dimension_name(result.rows),
    )


def similarity_figures(pairs: Sequence[Pair]) -> tuple[Figure, ...]:
    """Draw Pearson's r and total variation of every pair beside their nulls."""
    figures = []
    for measure in ("Pearson", "total variation"):
        found = []
        for pair in pairs:
            item = pair.measure(measure)
            if item.value is None or item.null_low is None or item.null_high is None:
                continue
            if pair.level == "cluster":
                continue
            left = (
                "" if pair.left_out is None else f", without {short_name(pair.axis, pair.left_out)}"
            )
            level = "" if pair.level == "failure" else f", {pair.level} level"
            found.append(
                AgainstNull(
                    label=f"{dimension_name(pair.axis, plural=True)}: "
                    f"{pair.first} and {pair.second}{left}{level}",
                    observed=item.value,
                    null_low=item.null_low,
                    null_high=item.null_high,
                    null_median=item.null_median,
                    p=item.p,
                )
            )
        if found:
            figures.append(
                null_comparison(
                    found,
                    id=f"series-{measure.lower().replace(' ', '-')}",
                    title=f"{measure.capitalize()} between series, beside equal profiles",
                    value_name="Pearson's r" if measure == "Pearson" else measure,
                )
            )
    return tuple(figures)


def contrast_figures(prefix: str, title: str, items: Sequence[Contrast]) -> tuple[Figure, ...]:
    """Draw the two groups' shares side by side, one chart an axis."""
    figures = []
    for axis in ("symptom", "cause"):
        found = []
        for item in (one for one in items if one.dimension == axis):
            for group, share in ((item.first, item.first_share), (item.second, item.second_share)):
                found.append(
                    Estimate(
                        category=short_name(axis, item.category),
                        group=group,
                        value=share.estimate or 0.0,
                        low=share.low,
                        high=share.high,
                        marked=item.holds,
                        detail=percent(share.estimate),
                    )
                )
        if found:
            figures.append(
                grouped_bars(
                    found,
                    id=f"{prefix}-{axis}",
                    title=f"{title}: {dimension_name(axis, plural=True)}",
                    value_name="share of failures",
                    colors=color_key(list(dict.fromkeys(one.group or "" for one in found))),
                    category_name=dimension_name(axis),
                    group_name="stage",
                    mark_name="differs after correction",
                )
            )
    return tuple(figures)


def version_figures(profiles: Sequence["Profile"]) -> tuple[Figure, ...]:
    """Draw each category's share over the versions, broken between series."""
    figures = []
    for axis in ("symptom", "cause"):
        own = sorted((p for p in profiles if p.axis == axis), key=lambda p: p.series)
        if not own:
            continue
        codes = [share.code for share in own[0].shares]
        figures.append(
            slope(
                id=f"versions-{axis}",
                title=f"{dimension_name(axis, plural=True).capitalize()} by version",
                versions=[p.version for p in own],
                shares={
                    short_name(axis, code): [p.shares[i].estimate for p in own]
                    for i, code in enumerate(codes)
                },
                colors=axis_colors(axis),
                series=[p.series for p in own],
                totals=[round(p.shares[0].total) for p in own],
                value_name="share of failures",
            )
        )
    return tuple(figures)


def time_figures(associations: Sequence[Association]) -> tuple[Figure, ...]:
    """Draw the profiles of the quarters."""
    return tuple(profile_figure(item, f"{item.rows}-by-quarter") for item in associations)


def noise_figures(result: "LabelNoise") -> tuple[Figure, ...]:
    """Draw how often conclusions hold as labels are replaced; cells apart from the rest."""
    figures = []
    for name, title, cells in (
        ("conclusions", "Main conclusions under label noise", False),
        ("cells", "Cells of symptom by root cause under label noise", True),
    ):
        curves = {
            c.says: (1.0, *c.shares)
            for c in result.curves
            if c.observed
            and ("-with-" in c.conclusion and "goes-with" not in c.conclusion) == cells
        }
        if curves:
            figures.append(
                noise_curves(
                    id=f"label-noise-{name}",
                    title=title,
                    levels=(0.0, *result.rates),
                    curves=curves,
                    threshold=0.8,
                )
            )
    return tuple(figures)


def claim_figure(judgements: Sequence[Judgement]) -> Figure:
    """Draw every claim with its verdict."""
    return verdict_table(
        [(judgement.claim.title, judgement.verdict.value) for judgement in judgements],
        id="claim-verdicts",
        title="Published claims and their verdicts",
        verdicts=[verdict.value for verdict in Verdict],
    )
