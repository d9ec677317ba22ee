"""What a study waits for, as its pages say it: in words, with links and with commands to paste."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from firstmile.study.command_words import as_argument
from firstmile.study.folder import REPORT
from firstmile.study.next_step import NextStep
from firstmile.study.overview import PUBLICATION, Overview, make_overview
from firstmile.ui.web.rating import NAMES
from firstmile.ui.web.site import Site

FREEZE: Final = (
    "This ends the screen for good: what nobody has read is given up, and a random sample of all "
    "that was discarded is drawn. Raters read the sample on the page Audit, and it bounds how many "
    "failures were missed. The command says first how many issues that is, and asks."
)


def overview_of(site: Site) -> Overview:
    """Return how far the study is, made once for each state of it."""
    folder = site.folder
    written = (folder.published / PUBLICATION, folder.path / REPORT / "report.json")
    return site.remembered(
        "overview",
        lambda: make_overview(folder, site.decisions),
        of=tuple(map(_written_at, written)),
    )


def _written_at(path: Path) -> int | None:
    """Return when a file was written, None where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def coming(site: Site, found: Iterable[NextStep], steps: Iterable[str]) -> list[dict[str, Any]]:
    """Return what comes next, each with its words, a link to its step and what freezing means.

    The link is there where the step is one of this rater's `steps`.
    """
    mine = frozenset(steps)
    return [
        {
            "words": in_parts(site, one.on_page),
            "step": one.step.value if one.step and one.step.value in mine else "",
            "name": NAMES[one.step] if one.step else "",
            "early": in_parts(site, f"To stop before all are read: {one.early}")
            if one.early
            else [],
            "freeze": FREEZE if one.early or one.freezes else "",
        }
        for one in found
    ]


def in_parts(site: Site, sentence: str) -> list[tuple[bool, str]]:
    """Return a sentence in parts, each with whether it is a command on the study."""
    name = re.escape(as_argument(site.folder.path))
    value = r"(?:'[^']*'|[^\s;,.)']+)"
    command = re.compile(rf"(firstmile study [a-z]+ {name}(?: --(?:rater {value}|[a-z-]+))*)")
    return [(place % 2 == 1, part) for place, part in enumerate(command.split(sentence)) if part]
