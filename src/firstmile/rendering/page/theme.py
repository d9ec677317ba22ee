"""The page's colors in light and dark, and how light chart colors turn dark."""

from collections.abc import Mapping
from typing import Final

from firstmile.rendering.charts import colors as chart
from firstmile.rendering.charts import style as chart_style

LIGHT: Final[Mapping[str, str]] = {
    "paper": "#fdfdfb",
    "raised": "#f5f5f1",
    "ink": "#1f2328",
    "soft": "#57606a",
    "rule": "#dcdfe3",
    "link": "#0b5394",
    "focus": "#b3361b",
    "good": "#1a6333",
    "good-back": "#e3f2e6",
    "mixed": "#7a4b00",
    "mixed-back": "#fbf0d9",
    "bad": "#9a2a16",
    "bad-back": "#fbe6e1",
    "open": "#4d5560",
    "open-back": "#eceef1",
}

DARK: Final[Mapping[str, str]] = {
    "paper": "#15181c",
    "raised": "#1d2126",
    "ink": "#e4e7eb",
    "soft": "#a3acb7",
    "rule": "#353b43",
    "link": "#8bbcf2",
    "focus": "#ff9d7a",
    "good": "#8fd6a4",
    "good-back": "#17301f",
    "mixed": "#f0c674",
    "mixed-back": "#33280f",
    "bad": "#ffa694",
    "bad-back": "#3a1a14",
    "open": "#b7bfc9",
    "open-back": "#272c33",
}

CHART_DARK: Final[Mapping[str, str]] = {
    chart.INK: DARK["ink"],
    chart.SOFT: DARK["soft"],
    chart.RULE: DARK["rule"],
    chart.PAPER: DARK["paper"],
    chart.ACCENT: "#6cb2ff",
    chart.ALARM: "#ff8a65",
    chart.BAND: "#474f59",
    "#732439": "#951f45",
    "#2a3b7a": "#544697",
    "#695e00": "#796707",
    "#d3e6e6": "#1f3336",
    "#9cc8cb": "#234c52",
    "#9cc3e6": "#2c5476",
    "#d4e5f4": "#233543",
    "#f3f3f1": "#24292f",
    "#fbdfc9": "#43301f",
    "#f3b183": "#75451f",
}
"""Chart colors that would be too dark, or too light, on a dark page."""


def theme_css() -> str:
    """Return the custom properties of both themes, and the rules that re-color charts.

    Print is always light.
    """
    dark = "".join(
        [
            "color-scheme:dark;",
            *(f"--{name}:{color};" for name, color in DARK.items()),
            *(f"--chart-{light[1:]}:{color};" for light, color in CHART_DARK.items()),
        ]
    )
    light = "".join(
        [
            "color-scheme:light;",
            *(f"--{name}:{color};" for name, color in LIGHT.items()),
            *(f"--chart-{color[1:]}:{color};" for color in CHART_DARK),
        ]
    )
    light = light.replace(f"--chart-{chart.PAPER[1:]}:{chart.PAPER}", _chart_paper())
    recolored = "".join(
        f'.chart [{part}="{color}"]{{{part}:var(--chart-{color[1:]})}}'
        for color in CHART_DARK
        for part in ("fill", "stroke")
    )
    return (
        f":root{{{light}--chart-font:{chart_style.FONT}}}"
        f"@media screen and (prefers-color-scheme:dark)"
        f'{{:root:not([data-theme="light"]){{{dark}}}}}'
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}}}'
        f"{recolored}"
    )


def _chart_paper() -> str:
    return f"--chart-{chart.PAPER[1:]}:{LIGHT['paper']}"
