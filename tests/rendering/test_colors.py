"""Colors can be told apart and read: by everybody, in light and dark."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from firstmile.rendering.charts.colors import (
    DIVERGING,
    INK,
    INK_ON_FILL,
    ON_DARK,
    PALETTE,
    SEQUENTIAL,
    color_key,
    contrast,
    readable_on,
)
from firstmile.rendering.page.theme import CHART_DARK, DARK, LIGHT, theme_css

Matrix = npt.NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0.
VISION: dict[str, Matrix] = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(color: str) -> Matrix:
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Matrix) -> Matrix:
    """B. Ottosson, A perceptual color space for image processing, 2020."""
    cone = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(lab @ np.cbrt(cone @ np.clip(rgb, 0, 1)))


def least_distance(colors: tuple[str, ...], vision: Matrix) -> float:
    seen = [oklab(vision @ linear(color)) for color in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


@pytest.mark.parametrize("vision", VISION)
def test_categories_differ_for_every_kind_of_vision(vision: str) -> None:
    assert least_distance(PALETTE, VISION[vision]) >= 0.11


@pytest.mark.parametrize("vision", VISION)
def test_categories_differ_on_a_dark_page_too(vision: str) -> None:
    shown = tuple(CHART_DARK.get(color, color) for color in PALETTE)
    assert least_distance(shown, VISION[vision]) >= 0.08


@pytest.mark.parametrize("color", PALETTE)
def test_text_on_a_category_can_be_read_in_both_themes(color: str) -> None:
    ink = readable_on(color)
    assert contrast(ink, color) >= 4.5
    assert contrast(ink, CHART_DARK.get(color, color)) >= 4.5


@pytest.mark.parametrize("color", PALETTE)
def test_category_stands_out_from_a_dark_page(color: str) -> None:
    assert contrast(CHART_DARK.get(color, color), DARK["paper"]) >= 2


@pytest.mark.parametrize("step", range(len(DIVERGING)))
def test_number_in_a_cell_can_be_read_in_both_themes(step: int) -> None:
    is_strong = step in {0, 1, len(DIVERGING) - 2, len(DIVERGING) - 1}
    fill, ink = DIVERGING[step], ON_DARK if is_strong else INK
    assert contrast(ink, fill) >= 4
    assert contrast(CHART_DARK.get(ink, ink), CHART_DARK.get(fill, fill)) >= 4


@pytest.mark.parametrize("step", range(len(SEQUENTIAL)))
def test_share_in_a_cell_can_be_read_in_both_themes(step: int) -> None:
    fill = SEQUENTIAL[step]
    ink = INK if step < 3 else readable_on(fill)
    assert contrast(ink, fill) >= 4.5
    assert contrast(CHART_DARK.get(ink, ink), CHART_DARK.get(fill, fill)) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft", "link", "good", "mixed", "bad", "open"])
def test_text_of_the_page_can_be_read(theme: dict[str, str], text: str) -> None:
    backs = [theme["paper"], theme["raised"]]
    if f"{text}-back" in theme:
        backs = [theme[f"{text}-back"]]
    assert min(contrast(theme[text], back) for back in backs) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_focus_is_seen(theme: dict[str, str]) -> None:
    assert contrast(theme["focus"], theme["paper"]) >= 3


def test_category_keeps_its_color_in_every_chart() -> None:
    key = color_key(("Crash", "Hang"), ("Llama", "Qwen"))
    assert key.color("Crash") == key.color("Llama") == PALETTE[0]
    assert key.color("Hang") == PALETTE[1]


def test_category_without_a_color_is_gray() -> None:
    assert color_key(("a",)).color("b") == "#8b949e"


def test_more_categories_than_colors_differ_by_shape() -> None:
    names = tuple(str(n) for n in range(18))
    key = color_key(names)
    assert len({(key.color(n), key.shape(n)) for n in names}) == 18


def test_contrast_agrees_with_the_extremes_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast(INK_ON_FILL, INK_ON_FILL) == pytest.approx(1)


def test_print_is_never_dark() -> None:
    css = theme_css()
    assert css.count("@media screen") == css.count("{color-scheme:dark;") == 2
