"""A document with one figure of every kind and text that means harm."""

from firstmile.rendering.charts import (
    AgainstNull,
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
from firstmile.rendering.document import Document, Figure, Grid, Section

HOSTILE = (
    "</script><script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "=cmd|' /C calc'!A0",
    "\x1b[31mred\x1b]0;title\x07",
    "user\u202etxt.exe",
    "line\u2028separator\u2029",
    "${7*7} {{7*7}} {% raw %}",
    "\\input{/etc/passwd} % & _ ^ ~ # $ { } ``",
    "-- [x] *,,",
)

SERIES = ("DeepSeek", "Llama", "Qwen")
SYMPTOMS = ("Crash", "Incorrect functionality", "Loading failure", "Hang", "Poor performance")
COUNTS = ((25, 41, 17, 2, 1), (85, 32, 45, 9, 0), (185, 167, 75, 8, 14))
STAGES = ("fine-tuning", "inference")
COLORS = color_key(SYMPTOMS, SERIES, STAGES)
LEVELS = (0.0, 0.1, 0.2, 0.3)


def estimates(*, grouped: bool, marked: bool = False) -> list[Estimate]:
    groups = STAGES if grouped else (None,)
    return [
        Estimate(
            category=symptom,
            value=0.1 * (place + 1),
            low=0.1 * place + 0.05,
            high=0.1 * (place + 2),
            group=group,
            marked=marked and place % 2 == 0,
        )
        for place, symptom in enumerate(SYMPTOMS)
        for group in groups
    ]


def figures() -> dict[str, Figure]:
    """One figure of every kind, and the variants that take another path."""
    made = [
        treemap(
            id="treemap",
            title="Symptoms",
            classes={
                "Crash": {"Out of Memory": 56, "OperationRestriction": 15, "Other": 0},
                "Hang": {"Stuck": 19, HOSTILE[0]: 3},
            },
            colors=COLORS,
        ),
        stacked_bars(
            id="stacked-shares",
            title="Symptoms by series",
            groups=SERIES,
            categories=SYMPTOMS,
            counts=COUNTS,
            colors=COLORS,
            group_name="series",
        ),
        stacked_bars(
            id="stacked-counts",
            title="Symptoms by series, in counts",
            groups=(*SERIES, "none"),
            categories=SYMPTOMS,
            counts=(*COUNTS, (0, 0, 0, 0, 0)),
            colors=COLORS,
            as_shares=False,
        ),
        heat_map(
            id="heat-map",
            title="Residuals",
            rows=SERIES,
            columns=SYMPTOMS,
            values=((-2.6, 2.9, 0.1, -0.2, None), (2.4, -4.8, 2.6, 2.4, -2.2), (0, 2, -2, -2, 2)),
            marked=((True, True, False, False, False),) * 3,
            details={"count": COUNTS},
            row_name="series",
            column_name="symptom",
            value_name="adjusted residual",
        ),
        dot_interval(
            estimates(grouped=False),
            id="dots",
            title="Shares",
            value_name="share of failures",
            as_percent=True,
            colors=COLORS,
        ),
        dot_interval(
            estimates(grouped=True, marked=True),
            id="dots-grouped",
            title="Odds ratios",
            value_name="odds ratio",
            reference=1,
            reference_name="no difference",
            log_scale=True,
            mark_name="significant",
        ),
        null_comparison(
            [
                AgainstNull(
                    label="DeepSeek and Llama",
                    observed=0.57,
                    null_low=0.92,
                    null_high=0.99,
                    p=0.002,
                ),
                AgainstNull(
                    label="DeepSeek and Qwen",
                    observed=0.95,
                    null_low=0.92,
                    null_high=0.99,
                    null_median=0.97,
                    p=0.4,
                ),
            ],
            id="null",
            title="Similarity of series",
            value_name="Pearson's r",
        ),
        verdict_table(
            [("Causes converge", "not supported"), (HOSTILE[3], "cannot be judged")],
            id="verdicts",
            title="Claims and verdicts",
            verdicts=("supported", "partly", "not supported", "cannot be judged"),
        ),
        grouped_bars(
            estimates(grouped=True, marked=True),
            id="grouped-bars",
            title="Stages",
            value_name="share of failures",
            colors=COLORS,
            mark_name="differs",
        ),
        slope(
            id="slope",
            title="Versions",
            versions=("V3", "R1", "Qwen", "Qwen2.5"),
            shares=dict.fromkeys(SYMPTOMS, (0.3, 0.2, 0.5, None)),
            colors=COLORS,
            series=("DeepSeek", "DeepSeek", "Qwen", "Qwen"),
            totals=(20, 24, 208, 212),
        ),
        noise_curves(
            id="noise-lines",
            title="Conclusions under noise",
            levels=LEVELS,
            curves=dict.fromkeys(
                (*SYMPTOMS, "A conclusion that takes more words than a phone has room for"),
                (1.0, 0.9, 0.5, 0.1),
            ),
            threshold=0.8,
        ),
        noise_curves(
            id="noise-cells",
            title="Many conclusions under noise",
            levels=LEVELS,
            curves={f"Conclusion {n} of a long list": (1.0, 0.9, 0.5, 0.1) for n in range(12)},
            threshold=0.8,
        ),
    ]
    return {figure.id: figure for figure in made}


def claims() -> Grid:
    return Grid(
        id="claims",
        caption="Claims, judged",
        header=("claim", "verdict", "effect", "p"),
        rows=(
            ("Crashes point to infrastructure", "partly", 2.36, 0.00001),
            ("Series fail alike", "not supported", -0.5, 0.25),
            ("Failures are rare", "cannot be judged", None, None),
            *((text, "supported", 1.0, 0.04) for text in HOSTILE),
        ),
        decimals={2: 2, 3: 4},
        mark_columns=frozenset({1}),
        links={(0, 0): "https://arxiv.org/abs/2601.13655", (1, 0): "javascript:alert(1)"},
        note="Made up.",
    )


def long_table() -> Grid:
    return Grid(
        id="long-table",
        caption="Many rows and columns",
        header=("name", *(f"a rather long column name {n}" for n in range(9))),
        rows=tuple((f"row {n}", *(n * 1000.5 * k for k in range(9))) for n in range(45)),
        decimals=dict.fromkeys(range(1, 10), 1),
    )


def document() -> Document:
    drawn = figures()
    treemap_figure, *others = drawn.values()
    return Document(
        title="How models fail",
        subtitle=f"A test {HOSTILE[0]}",
        summary=("Two claims hold in part.", HOSTILE[1]),
        facts=(("Source", "made up"), ("Failures", "706"), (HOSTILE[4], HOSTILE[3])),
        sections=(
            Section(
                id="claims-section",
                heading="Claims",
                question="Which hold?",
                grids=(claims(),),
                marks=("partly", "exploratory"),
                sections=(
                    Section(id="nested", heading="Nested", sentences=(HOSTILE[5],), notes=("n",)),
                ),
            ),
            Section(id="shares", heading="Shares", figures=(treemap_figure,)),
            Section(id="more", heading="More", figures=tuple(others), grids=(long_table(),)),
            Section(id="dates", heading="Dates", missing=f"Needs rows. {HOSTILE[0]}"),
        ),
    )
