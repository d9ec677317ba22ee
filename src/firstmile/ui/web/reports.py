"""The study's report as files, each with a policy of its own: only the page itself has scripts."""

from pathlib import Path
from typing import Any, Final

from starlette.responses import FileResponse, Response

from firstmile.study.command_words import as_argument
from firstmile.study.folder import REPORT, StudyFolder
from firstmile.study.overview import PUBLICATION

_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STILL: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".tex": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}


def no_report(folder: StudyFolder) -> dict[str, Any]:
    """Return what the page says where there is no report: a report is of what is published."""
    name = as_argument(folder.path)
    if (folder.published / PUBLICATION).is_file():
        words = f"There is no report of what is published yet: firstmile study report {name}"
    else:
        words = (
            "There is no report yet: it is made of what the study publishes. Once failures are "
            f"labelled: firstmile study publish {name}, and then firstmile study report {name}"
        )
    ways = [{"to": "/", "words": "How far the study is, and what to do next"}]
    return {"title": "Report", "words": words, "ways": ways}


def report_file(folder: StudyFolder, path: str) -> Response | None:
    """Return a file of the study's report; None where there is none.

    The page brings its own policy, which names its scripts by their hashes; together with ours
    nothing else can run, and nothing can be fetched.
    """
    whole = (folder.path / REPORT).resolve()
    try:
        wanted = (whole / (path or "index.html")).resolve()
        if not wanted.is_relative_to(whole) or not wanted.is_file():
            return None
    except (OSError, ValueError):
        return None
    kind = _KINDS.get(wanted.suffix)
    if kind is None:
        return None
    is_page = wanted == whole / "index.html"
    return FileResponse(
        Path(wanted),
        media_type=kind,
        headers={"content-security-policy": _POLICY if is_page else _STILL},
    )
