"""Charts drawn into files: SVG, PNG and PDF, without network.

SVG and PNG are the same bytes every time; the converter orders the objects of a PDF at random.
"""

import base64
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import quoteattr

from firstmile.rendering.converting import Converter, figure_job
from firstmile.rendering.document import Document, Figure, all_figures
from firstmile.rendering.files import write_whole
from firstmile.rendering.inert import visible
from firstmile.rendering.lettering import with_lengths

Format = Literal["svg", "png", "pdf"]
FORMATS: Final[tuple[Format, ...]] = ("svg", "png", "pdf")

Progress = Callable[[int, int], None]
"""Called with how many steps are done and how many there are."""

_ID = re.compile(r'\bid="([^"]*)"')
_OPENING = re.compile(r"<svg\b[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawn figure: its SVG, the compiled Vega specification, and what was asked for of PNG
    and PDF.
    """

    figure: Figure
    svg: str
    vega: Mapping[str, Any]
    png: bytes | None = None
    pdf: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawings:
    """The drawings of a document by the figure's id, and the page's script (None: not made)."""

    by_id: Mapping[str, Drawing]
    script: str | None = None


def draw_figures(
    document: Document,
    *,
    formats: Sequence[Format] = FORMATS,
    with_script: bool = True,
    converter: Converter | None = None,
    progress: Progress | None = None,
) -> Drawings:
    """Draw all figures of a document on all cores, and make the script that the page needs.

    `converter` is one that was started before, to save its start-up. Raises UserError when the
    converter is not installed.
    """
    figures = all_figures(document)
    with contextlib.ExitStack() as stack:
        if converter is None:
            converter = stack.enter_context(Converter(with_script=with_script))
        jobs = {begin_figure(figure, converter, formats): figure for figure in figures}
        drawn = {}
        for done, job in enumerate(as_completed(jobs), start=1):
            figure = jobs[job]
            drawn[figure.id] = _drawing(figure, job.result())
            if progress:
                progress(done, len(figures))
        script = converter.script() if with_script else None
    return Drawings(by_id={figure.id: drawn[figure.id] for figure in figures}, script=script)


def begin_figure(
    figure: Figure, converter: Converter, formats: Sequence[Format] = FORMATS
) -> Future[dict[str, Any]]:
    """Have a figure drawn; `draw_figures` with the same converter then finds it begun or done."""
    return converter.submit(
        figure_job(
            name=figure.id,
            language=figure.language,
            specification=figure.specification,
            formats=formats,
        )
    )


def write_figures(
    document: Document,
    folder: Path,
    *,
    formats: Sequence[Format] = FORMATS,
    progress: Progress | None = None,
    drawings: Drawings | None = None,
) -> Drawings:
    """Write every figure of a document as `<id>.<format>`; return the drawings.

    `drawings` are those of `draw_figures`, where they were made already. PNG has 2 pixels a
    unit, PDF is vector. Raises UserError when the converter is not installed.
    """
    drawn = drawings or draw_figures(document, formats=formats, progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in drawn.by_id.items():
        files = {"svg": _described(drawing), "png": drawing.png, "pdf": drawing.pdf}
        for ending in formats:
            content = files[ending]
            if content is None:
                raise ValueError(f"{name} was not drawn as {ending}.")
            write_whole(folder / f"{name}.{ending}", content)
    return drawn


def _drawing(figure: Figure, answer: Mapping[str, Any]) -> Drawing:
    def data(ending: str) -> bytes | None:
        return base64.b64decode(answer[ending]) if ending in answer else None

    return Drawing(
        figure=figure,
        svg=with_lengths(_own_ids(answer["svg"], figure.id)),
        vega=answer["vega"],
        png=data("png"),
        pdf=data("pdf"),
    )


def _own_ids(svg: str, name: str) -> str:
    """Number the ids in an SVG anew, so that several can stand in one page."""
    for place, old in enumerate(dict.fromkeys(_ID.findall(svg))):
        new = f"{name}-{place}"
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    return svg


def _described(drawing: Drawing) -> str:
    """Return an SVG file that tells a screen reader what it shows."""
    label = quoteattr(f"{visible(drawing.figure.title)}. {visible(drawing.figure.description)}")

    def named(opening: re.Match[str]) -> str:
        return f'{opening[0][:-1]} role="img" aria-label={label}>'

    return _OPENING.sub(named, drawing.svg, count=1)
