"""The contract that every kind of chart keeps, and what is special to some."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.rendering.charts import Estimate, color_key, grouped_bars, stacked_bars, treemap
from firstmile.rendering.charts.heat_map import step_of
from firstmile.rendering.charts.style import count, listed, number, percent, wrapped
from firstmile.rendering.charts.treemap import layouts
from firstmile.rendering.document import Figure
from firstmile.rendering.figures import Drawings
from rendering import samples

FIGURES = samples.figures()
every_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)


@every_figure
def test_chart_compiles_and_draws_something(figure: Figure, drawings: Drawings) -> None:
    root = ET.fromstring(drawings.by_id[figure.id].svg)
    marks = [e for e in root.iter() if e.tag.endswith(("path", "line", "text", "rect"))]
    assert len(marks) > 10
    assert float(root.attrib["width"]) == pytest.approx(720, abs=1)


@every_figure
def test_description_says_the_numbers_of_the_chart(figure: Figure) -> None:
    assert len(figure.description) > 40
    assert re.search(r"\d", figure.description)
    assert figure.description.isprintable()
    assert figure.description.endswith(".")


@every_figure
def test_specification_is_plain_json_with_its_data_inside(figure: Figure) -> None:
    text = json.dumps(figure.specification, allow_nan=False)
    assert '"url"' not in text
    assert '"values"' in text


@every_figure
def test_grid_is_rectangular_and_named_after_the_figure(figure: Figure) -> None:
    assert figure.grid.id == figure.id
    assert figure.grid.rows
    assert {len(row) for row in figure.grid.rows} == {len(figure.grid.header)}


@every_figure
def test_every_number_of_the_grid_is_drawn(figure: Figure) -> None:
    drawn = set(_numbers(figure.specification)) | {0.0}
    values = {
        float(cell)
        for row in figure.grid.rows
        for cell in row
        if isinstance(cell, int | float) and not isinstance(cell, bool)
    }
    kept = {value for value in values if round(value, 9) in drawn}
    tips = json.dumps(figure.specification)
    unseen = {v for v in values - kept if not any(form in tips for form in _forms(v))}
    assert not unseen


def _numbers(value: object) -> list[float]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [round(float(value), 9)]
    if isinstance(value, dict):
        return [n for part in value.values() for n in _numbers(part)]
    if isinstance(value, list | tuple):
        return [n for part in value for n in _numbers(part)]
    return []


def _forms(value: float) -> tuple[str, ...]:
    raw = (percent(value), number(value, decimals=1), number(value, decimals=3), count(value))
    return tuple(json.dumps(form)[1:-1] for form in raw)


def test_stacked_bars_add_up_to_the_whole() -> None:
    values = FIGURES["stacked-shares"].specification["data"]["values"]
    for group in {value["group"] for value in values}:
        assert max(v["end"] for v in values if v["group"] == group) == pytest.approx(1)


def test_empty_group_has_no_division_by_zero() -> None:
    figure = FIGURES["stacked-counts"]
    assert figure.grid.rows[-1] == ("none", 0, 0, 0, 0, 0, 0)
    assert "none: no failures." in figure.description


def test_names_that_would_merge_are_refused() -> None:
    with pytest.raises(ValueError, match="not all different"):
        stacked_bars(
            id="x",
            title="",
            groups=("a", "a"),
            categories=("b",),
            counts=((1,), (2,)),
            colors=color_key(),
        )


def test_counts_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rows of 1"):
        stacked_bars(
            id="x",
            title="",
            groups=("a", "c"),
            categories=("b",),
            counts=((1,),),
            colors=color_key(),
        )


def test_grouped_bars_need_groups() -> None:
    with pytest.raises(ValueError, match="group"):
        grouped_bars(
            [Estimate(category="a", value=1)], id="x", title="", value_name="", colors=color_key()
        )


def test_observed_value_outside_its_null_is_said() -> None:
    said = FIGURES["null"].description
    assert "DeepSeek and Llama: observed 0.570, null 0.920 to 0.990, p 0.002, outside." in said
    assert "p 0.400, inside." in said


def test_marked_cells_are_counted_in_words() -> None:
    assert "6 of 14 cells are marked as significant" in FIGURES["heat-map"].description


def test_lines_of_different_series_are_not_joined() -> None:
    values = FIGURES["slope"].specification["data"]["values"]
    assert {v["series"] for v in values} == {"DeepSeek", "Qwen"}


def test_unknown_share_is_left_out_of_the_slope() -> None:
    values = FIGURES["slope"].specification["data"]["values"]
    assert len(values) == 3 * len(samples.SYMPTOMS)


def test_many_conclusions_become_cells_instead_of_a_tangle() -> None:
    assert FIGURES["noise-lines"].description.startswith("Lines")
    assert FIGURES["noise-cells"].description.startswith("Cells")


def test_treemap_leaves_out_empty_leaves_but_keeps_them_in_the_grid() -> None:
    figure = FIGURES["treemap"]
    assert ("Crash", "Other", 0, 0.0) in figure.grid.rows
    assert "/Crash/Other" not in json.dumps(figure.specification)


def test_treemap_of_nothing_draws_nothing() -> None:
    figure = treemap(id="x", title="", classes={"a": {"b": 0}}, colors=color_key())
    assert figure.grid.rows == (("a", "b", 0, None),)


def test_control_characters_never_reach_a_chart() -> None:
    figure = stacked_bars(
        id="x",
        title="",
        groups=samples.HOSTILE,
        categories=("a", "b"),
        counts=[(1, 2)] * len(samples.HOSTILE),
        colors=color_key(),
    )
    text = json.dumps(figure.specification, ensure_ascii=False)
    assert not set("\x1b\u202e\u2028\x07") & set(text)


@pytest.mark.parametrize(
    ("value", "step"), [(0, 4), (0.4, 4), (-0.4, 4), (6, 8), (-6, 0), (60, 8), (3, 6), (-3, 2)]
)
def test_colors_of_the_heat_map_are_centered_at_zero(value: float, step: int) -> None:
    assert step_of(value, 6) == step


@given(st.text(alphabet="abcDEF ", min_size=1, max_size=60), st.integers(1, 4), st.booleans())
def test_wrapping_loses_no_letter(text: str, lines: int, break_words: bool) -> None:
    rows = wrapped(text, widest=12, lines=lines, break_words=break_words)
    assert len(rows) <= lines
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet="abC ", min_size=1, max_size=40).filter(str.strip), st.integers(1, 999))
def test_every_way_to_write_a_leaf_holds_its_name_and_count(name: str, n: int) -> None:
    for way in layouts(name, n):
        assert "".join(way["rows"]).replace(" ", "") == name.replace(" ", "") + str(n)


def test_numbers_have_true_minus_signs_and_no_negative_zero() -> None:
    assert number(-1.25, decimals=1) == "−1.2"
    assert number(-0.001, decimals=2) == "0.00"
    assert percent(0.309) == "30.9%"
    assert count(1234) == "1,234"
    assert listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Crash", ["Crash"]),
        ("Inference is balanced", ["Inference is", "balanced"]),
        ("Deployment stack not algorithms", ["Deployment stack", "not algorithms"]),
        ("Newer versions shift to behavior", ["Newer versions", "shift to behavior"]),
        (
            "Configuration escalates to environment",
            ["Configuration", "escalates to", "environment"],
        ),
    ],
)
def test_names_take_as_few_lines_as_they_need(text: str, rows: list[str]) -> None:
    assert wrapped(text, widest=17, lines=3) == rows
