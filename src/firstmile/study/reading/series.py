"""Which model series a failure belongs to, derived where the source does not say."""

from typing import Final

SERIES: Final = ("DeepSeek", "Llama", "Qwen")
"""Names of the series; a model, folder or repository belongs to the one whose name it holds."""


def series_of(*texts: str | None) -> str | None:
    """Return the series named by the first text that names exactly one, or None."""
    for text in texts:
        folded = (text or "").casefold()
        named = [series for series in SERIES if series.casefold() in folded]
        if len(named) == 1:
            return named[0]
    return None
