"""The summary for a terminal is short, narrow and harmless."""

import unicodedata

import pytest

from firstmile.rendering.document import Document
from firstmile.rendering.terminal import grid_lines, summary_lines
from rendering import samples


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(document: Document, width: int) -> None:
    lines = summary_lines(document, width=width, grids=("claims", "long-table"))
    assert max(map(len, lines)) <= width


def test_no_control_character_reaches_the_terminal(document: Document) -> None:
    text = "".join(summary_lines(document, grids=("claims",)))
    assert not {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Zl", "Zp"}


def test_summary_says_what_is_missing(document: Document) -> None:
    assert any(line.startswith("- Dates: Needs rows.") for line in summary_lines(document))


def test_grid_is_shown_only_on_request(document: Document) -> None:
    assert not any("Claims, judged" in line for line in summary_lines(document))
    assert any("Claims, judged" in line for line in summary_lines(document, grids=("claims",)))


def test_long_text_is_cut_so_that_every_column_is_seen() -> None:
    caption, head, _, first, *_ = grid_lines(samples.claims(), width=50)
    assert caption == "Claims, judged"
    assert head.split() == ["claim", "verdict", "effect", "p"]
    assert "…" in first
    assert first.endswith("<0.0001")


def test_numbers_line_up_at_the_right() -> None:
    lines = grid_lines(samples.claims(), width=100)[3:]
    ends = {
        line.index(word) + len(word) for line, word in zip(lines, ("2.36", "−0.50"), strict=False)
    }
    assert len(ends) == 1
