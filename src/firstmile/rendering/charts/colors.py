"""Which color, shape and dash stand for which category, the same in all charts of a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

INK: Final = "#1f2328"
SOFT: Final = "#57606a"
RULE: Final = "#d8dde3"
PAPER: Final = "#fefefe"
NEUTRAL: Final = "#8b949e"
ACCENT: Final = "#0b5fa5"
ALARM: Final = "#b3361b"
BAND: Final = "#c9d1d9"
ON_DARK: Final = "#ffffff"
INK_ON_FILL: Final = "#16191d"
"""Dark text on a category's fill: not INK, since it stays dark when the page turns dark."""

PALETTE: Final = (
    "#176e7d",
    "#d6b055",
    "#732439",
    "#8b75c3",
    "#35aa95",
    "#b07935",
    "#2a3b7a",
    "#a4b0f5",
    "#695e00",
)
"""Nine colors found by search to lie at least .11 apart in OKLab, also as seen with each of the
three dichromacies (Machado, Oliveira and Fernandes 2009, doi 10.1109/TVCG.2009.113).
"""

SHAPES: Final = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)
DASHES: Final = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (12, 4))

DIVERGING: Final = (
    "#1d4f91",
    "#3f7cc0",
    "#9cc3e6",
    "#d4e5f4",
    "#f3f3f1",
    "#fbdfc9",
    "#f3b183",
    "#cc5a1e",
    "#9a3208",
)
"""From far below zero (blue) over about zero (gray) to far above (orange)."""


SEQUENTIAL: Final = ("#f3f3f1", "#d3e6e6", "#9cc8cb", "#4f9aa3", "#176e7d")
"""From nothing (gray) to everything (teal)."""


@dataclass(frozen=True, slots=True)
class ColorKey:
    """Colors of categories by name; a name it does not hold is drawn in a neutral gray."""

    places: Mapping[str, int]

    def color(self, name: str) -> str:
        """Return the fill of a category."""
        place = self.places.get(name)
        return NEUTRAL if place is None else PALETTE[place % len(PALETTE)]

    def ink(self, name: str) -> str:
        """Return the color of text that stands on the fill of a category."""
        return readable_on(self.color(name))

    def shape(self, name: str) -> str:
        """Return the point shape of a category."""
        return SHAPES[self.places.get(name, 0) % len(SHAPES)]

    def dash(self, name: str) -> tuple[int, ...]:
        """Return the dash pattern of a category's line."""
        return DASHES[self.places.get(name, 0) % len(DASHES)]


def color_key(*families: Sequence[str]) -> ColorKey:
    """Give every category of each family a color; each family starts the palette anew."""
    places: dict[str, int] = {}
    for family in families:
        for place, name in enumerate(family):
            places.setdefault(name, place)
    return ColorKey(places)


def luminance(color: str) -> float:
    """Return the relative luminance of a color "#rrggbb" (WCAG 2.2, section 1.4.3), 0 to 1."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors (WCAG 2.2, section 1.4.3), 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(fill: str) -> str:
    """Return whichever of dark ink and white reads better on a fill."""
    return max(INK_ON_FILL, ON_DARK, key=lambda ink: contrast(ink, fill))
