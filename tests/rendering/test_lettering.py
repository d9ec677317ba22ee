"""Texts of a static figure keep the length they were drawn for."""

import re
from html import unescape

import pytest

from firstmile.rendering.figures import Drawings
from firstmile.rendering.lettering import width, with_lengths

LETTERS = "".join(map(chr, range(32, 127)))


@pytest.mark.parametrize("bold", [False, True])
def test_every_letter_of_a_keyboard_has_a_width(bold: bool) -> None:
    assert all(width(letter, size=1, bold=bold) for letter in LETTERS)


def test_widths_are_those_of_the_house_font() -> None:
    """Adobe's metrics of Helvetica: C 722, r 333, a 556, s 500 and h 556, bold 722 to 611."""
    assert width("Crash", size=1000) == 722 + 333 + 556 + 500 + 556
    assert width("Crash", size=1000, bold=True) == 722 + 389 + 556 + 556 + 611
    assert width("模型", size=12) is None


def test_a_text_says_how_long_it_is() -> None:
    svg = '<svg><text font-size="10px">Hi &amp; you</text></svg>'
    length = (722 + 222 + 278 + 667 + 278 + 500 + 556 + 556) / 100
    assert with_lengths(svg) == (
        f'<svg><text font-size="10px" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs">'
        "Hi &amp; you</text></svg>"
    )


def test_lines_each_have_their_own_length() -> None:
    svg = '<text font-size="10px"><tspan>one</tspan><tspan x="0" dy="13">thirteen</tspan></text>'
    lengths = re.findall(r"textLength=\"([\d.]+)\"", with_lengths(svg))
    assert [float(long) for long in lengths] == [
        pytest.approx(width(word, size=10), abs=0.06) for word in ("one", "thirteen")
    ]


@pytest.mark.parametrize(
    "svg",
    [
        '<text font-size="9px"/><text x="1">no size</text>',
        '<text font-size="9px">7</text>',
        '<text font-size="9px">模型</text>',
        "<svg><path/></svg>",
    ],
)
def test_what_has_no_known_length_stays_as_it_is(svg: str) -> None:
    assert with_lengths(svg) == svg


def test_all_texts_of_all_charts_have_a_length(drawings: Drawings) -> None:
    for drawing in drawings.by_id.values():
        for attributes, text in re.findall(r"<text\b([^>]*)(?<!/)>([^<]+)</text>", drawing.svg):
            plain = unescape(text)
            known = width(plain, size=1) is not None and len(plain) > 1
            assert ("textLength" in attributes) == known, plain
