"""What a study waits for, as its pages say it: in words, with links and with commands to paste."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Step
from firstmile.study.overview import Overview, make_overview
from firstmile.ui.web.rating import NAMES
from firstmile.ui.web.site import Site

FREEZE: Final = (
    "This ends the screen for good: what nobody has read is given up, and a random sample of all "
    "that was discarded is drawn. Raters read the sample on the page Audit, and it bounds how many "
    "failures were missed. The command says first how many issues that is, and asks."
)

_SERVE: Final = re.compile(r": firstmile serve [^;]*")
_EARLY: Final = "; to stop early, "
_SAID_OF: Final[Mapping[str, Step]] = {
    "to be screened": Step.SCREEN,
    "to be verified": Step.VERIFY,
    "(Audit)": Step.AUDIT,
    "to be labelled": Step.LABEL,
    "to be adjudicated": Step.ADJUDICATE,
}


def overview_of(site: Site) -> Overview:
    """Return how far the study is, made once for each state of it."""
    return site.remembered("overview", lambda: make_overview(site.folder, site.decisions))


def coming(site: Site, lines: Iterable[str], steps: Iterable[str]) -> list[dict[str, Any]]:
    """Return what comes next, each with its words, a link to its step and what freezing means.

    `lines` are the overview's. Whoever reads this is served already, so no line says how to; the
    link is there where the step is one of this rater's `steps`.
    """
    mine, found = frozenset(steps), []
    for line in lines:
        said = _SERVE.sub("", line)
        words, _, early = said.partition(_EARLY)
        step = next((step for told, step in _SAID_OF.items() if told in words), None)
        linked = step is not None and words != line and step.value in mine
        freeze = early or (words if "--freeze" in words else "")
        found.append(
            {
                "words": in_parts(site, words),
                "step": step.value if step and linked else "",
                "name": NAMES[step] if step and linked else "",
                "early": in_parts(site, f"To stop before all are read: {early}") if early else [],
                "freeze": FREEZE if freeze else "",
            }
        )
    return found


def in_parts(site: Site, sentence: str) -> list[tuple[bool, str]]:
    """Return a sentence in parts, each with whether it is a command on the study."""
    name = re.escape(as_argument(site.folder.path))
    value = r"(?:'[^']*'|[^\s;,.)']+)"
    command = re.compile(rf"(firstmile study [a-z]+ {name}(?: --(?:rater {value}|[a-z-]+))*)")
    return [(place % 2 == 1, part) for place, part in enumerate(command.split(sentence)) if part]
