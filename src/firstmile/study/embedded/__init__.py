"""The published figures, so that the main study runs without rows and without a network.

One CSV a table (`<rows>_by_<columns>.csv`, or `<dimension>.csv` for totals), found by its name;
`leaf_by_stage.csv` holds the leaves whose names name a stage (counted from the rows, never
published), and `published.toml` says where the figures come from. `read_embedded()` gives them
as `Counts`. `casebook` makes rows of the casebook that comes along.
"""

from firstmile.study.embedded.embedded import EmbeddedCounts, read_embedded

__all__ = ["EmbeddedCounts", "read_embedded"]
