"""Figures come out in every format, the same each time, and without network."""

import json
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from firstmile.rendering.converting import Converter, answer_to, figure_job
from firstmile.rendering.document import Document, Figure, Section
from firstmile.rendering.figures import Drawings, begin_figure, draw_figures, write_figures
from rendering import samples


def document_of(*ids: str) -> Document:
    figures = samples.figures()
    section = Section(id="s", heading="", figures=tuple(figures[name] for name in ids))
    return Document(title="", subtitle="", summary=(), facts=(), sections=(section,))


def test_every_figure_is_written_in_every_format(
    document: Document, drawings: Drawings, tmp_path: Path
) -> None:
    write_figures(document, tmp_path / "figures", drawings=drawings)
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"{name}.{e}" for name in samples.figures() for e in ("svg", "png", "pdf")}
    for path in (tmp_path / "figures").iterdir():
        data = path.read_bytes()
        assert data.startswith({".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF"}[path.suffix])


def test_png_has_two_pixels_a_unit(drawings: Drawings) -> None:
    png = drawings.by_id["treemap"].png
    assert png is not None
    assert struct.unpack(">I", png[16:20]) == (1440,)


def test_svg_file_tells_a_screen_reader_what_it_shows(
    document: Document, drawings: Drawings, tmp_path: Path
) -> None:
    write_figures(document, tmp_path, formats=("svg",), drawings=drawings)
    root = ET.fromstring((tmp_path / "treemap.svg").read_text("utf-8"))
    assert root.attrib["role"] == "img"
    assert "Treemap of 93 failures" in root.attrib["aria-label"]


def test_hostile_labels_are_text_in_the_drawing(drawings: Drawings) -> None:
    root = ET.fromstring(drawings.by_id["treemap"].svg)
    assert not [e for e in root.iter() if e.tag.endswith(("script", "foreignObject", "image"))]


def clipped_figure(name: str) -> Figure:
    figure = samples.figures()["noise-lines"]
    specification = json.loads(json.dumps(figure.specification))
    for layer in specification["layer"]:
        layer["mark"]["clip"] = True
    return replace(figure, id=name, specification=specification)


def test_ids_of_two_drawings_never_meet(converter: Converter) -> None:
    clipped = [clipped_figure("one"), clipped_figure("two")]
    section = Section(id="s", heading="", figures=tuple(clipped))
    document = replace(document_of(), sections=(section,))
    drawings = draw_figures(document, with_script=False, converter=converter)
    seen: list[str] = []
    for drawing in drawings.by_id.values():
        ids = re.findall(r'\bid="([^"]*)"', drawing.svg)
        assert ids
        assert set(re.findall(r"url\(#([^)]*)\)", drawing.svg)) == set(ids)
        seen += ids
    assert len(seen) == len(set(seen))


def test_drawing_does_not_depend_on_worker_or_order(drawings: Drawings) -> None:
    with Converter(workers=1, with_script=False) as one:
        alone = draw_figures(document_of("slope", "null", "dots"), with_script=False, converter=one)
    for name, drawing in alone.by_id.items():
        assert drawing.svg == drawings.by_id[name].svg
        assert drawing.png == drawings.by_id[name].png
        assert drawing.pdf == drawings.by_id[name].pdf


def test_progress_counts_up_to_the_number_of_figures(converter: Converter) -> None:
    steps: list[tuple[int, int]] = []
    draw_figures(
        document_of("dots", "null"),
        formats=("svg",),
        with_script=False,
        converter=converter,
        progress=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(1, 2), (2, 2)]


def test_format_that_was_not_drawn_is_an_error(tmp_path: Path, converter: Converter) -> None:
    document = document_of("dots")
    drawn = draw_figures(document, formats=("svg",), with_script=False, converter=converter)
    with pytest.raises(ValueError, match="not drawn as pdf"):
        write_figures(document, tmp_path, formats=("pdf",), drawings=drawn)


def test_broken_specification_names_the_figure(converter: Converter) -> None:
    broken = replace(samples.figures()["dots"], specification={"mark": {"type": "no such mark"}})
    section = Section(id="s", heading="", figures=(broken,))
    document = replace(document_of(), sections=(section,))
    with pytest.raises(RuntimeError, match="refused dots"):
        draw_figures(document, with_script=False, converter=converter)


def test_worker_that_dies_is_an_error_and_not_a_wait() -> None:
    with Converter(workers=1, with_script=False) as converter:
        for worker in converter._workers:
            worker._process.kill()
        job = converter.submit(figure_job(name="x", language="vega", specification={}, formats=()))
        with pytest.raises(RuntimeError, match="ended with status"):
            job.result(timeout=10)


def test_specification_that_asks_for_an_address_is_refused() -> None:
    specification = {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "data": [{"name": "t", "url": "http://127.0.0.1:9/data.json"}],
        "marks": [],
    }
    job = figure_job(name="x", language="vega", specification=specification, formats=())
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        answer_to(job)


def test_text_is_set_in_the_font_that_the_converter_brings_along(drawings: Drawings) -> None:
    pdf = drawings.by_id["dots"].pdf
    assert pdf is not None
    assert set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([\w-]+)", pdf)) == {b"LiberationSans"}


def test_compiled_specification_can_be_laid_out_anew(drawings: Drawings) -> None:
    for drawing in drawings.by_id.values():
        signals = {signal["name"] for signal in drawing.vega["signals"]}
        assert "space" in signals
        assert isinstance(drawing.vega["width"], int)
        json.dumps(drawing.vega, allow_nan=False)


def test_missing_converter_names_the_extra() -> None:
    program = (
        "import sys; sys.modules['vl_convert'] = None\n"
        "from firstmile.errors import UserError\n"
        "from firstmile.rendering.figures import draw_figures\n"
        "from firstmile.rendering.document import Document\n"
        "try: draw_figures(Document(title='', subtitle='', summary=(), facts=(), sections=()))\n"
        "except UserError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert 'pip install "firstmile[study]"' in said


def test_rendering_loads_no_heavy_package_until_it_draws() -> None:
    program = (
        "import sys, firstmile.rendering.page, firstmile.rendering.figures\n"
        "import firstmile.rendering.tables\n"
        "print(sorted({'vl_convert', 'jinja2', 'numpy', 'markupsafe'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "[]"


def test_a_figure_is_drawn_once_however_often_it_is_begun(converter: Converter) -> None:
    figure, other = list(samples.figures().values())[:2]
    first = begin_figure(figure, converter, ("svg",))
    assert begin_figure(figure, converter, ("svg",)) is first
    assert begin_figure(figure, converter, ("svg", "png")) is not first
    assert begin_figure(other, converter, ("svg",)) is not first
    assert "<svg" in first.result()["svg"]
