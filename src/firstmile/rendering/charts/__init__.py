"""Chart builders: each turns numbers into a `Figure` with specification, description and grid.

One `ColorKey`, made once a document by `color_key`, gives a category the same color in every
chart. Specifications are in light colors; the page maps them to dark ones.
"""

from firstmile.rendering.charts.colors import ColorKey, color_key
from firstmile.rendering.charts.dot_interval import dot_interval
from firstmile.rendering.charts.estimates import Estimate
from firstmile.rendering.charts.grouped_bars import grouped_bars
from firstmile.rendering.charts.heat_map import heat_map
from firstmile.rendering.charts.noise_curves import noise_curves
from firstmile.rendering.charts.null_comparison import AgainstNull, null_comparison
from firstmile.rendering.charts.slope import slope
from firstmile.rendering.charts.stacked_bars import stacked_bars
from firstmile.rendering.charts.treemap import treemap
from firstmile.rendering.charts.verdict_table import verdict_table

__all__ = [
    "AgainstNull",
    "ColorKey",
    "Estimate",
    "color_key",
    "dot_interval",
    "grouped_bars",
    "heat_map",
    "noise_curves",
    "null_comparison",
    "slope",
    "stacked_bars",
    "treemap",
    "verdict_table",
]
