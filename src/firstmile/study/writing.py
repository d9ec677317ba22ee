"""Reports written to a folder: page, figures, tables, data; all of it or nothing."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from firstmile.rendering.converting import Converter
from firstmile.rendering.document import Document
from firstmile.rendering.figures import draw_figures, write_figures
from firstmile.rendering.files import whole_folder, write_whole
from firstmile.rendering.page import write_page
from firstmile.rendering.tables import write_tables
from firstmile.study.report import Report, schema

Step = Callable[[str], None]


def write_report(
    report: Report,
    folder: Path,
    *,
    converter: Converter | None = None,
    progress: Step = lambda _name: None,
) -> Path:
    """Write a study's report and return the page's path.

    `converter` is one that was started before, to save its start-up. Raises UserError when the
    folder holds something else or cannot be written; an earlier report in it stays as it is until
    the new one is complete.
    """
    return write_document(
        report.document,
        report.data,
        folder,
        data_schema=schema(),
        converter=converter,
        progress=progress,
    )


def write_document(
    document: Document,
    data: Mapping[str, Any],
    folder: Path,
    *,
    data_schema: Mapping[str, Any] | None = None,
    extra: Mapping[str, str] | None = None,
    converter: Converter | None = None,
    progress: Step = lambda _name: None,
) -> Path:
    """Write a document with its data, the data's schema, and further files by name."""
    downloads = [("Data (JSON)", "report.json")]
    with whole_folder(folder) as building:
        progress("Figures")
        drawings = draw_figures(document, converter=converter)
        write_figures(document, building / "figures", drawings=drawings)
        progress("Tables")
        write_tables(document, building / "tables")
        write_whole(building / "report.json", as_json(data))
        if data_schema is not None:
            write_whole(building / "report.schema.json", as_json(data_schema))
            downloads.append(("Its schema", "report.schema.json"))
        for name, content in (extra or {}).items():
            write_whole(building / name, content)
            downloads.append((name, name))
        progress("Page")
        write_page(document, building, drawings=drawings, downloads=downloads)
    return folder / "index.html"


def as_json(data: Mapping[str, Any]) -> str:
    """Return JSON for people and programs: indented, UTF-8, no NaN."""
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
