"""Paths through results in plain form, and what to say of one that leads nowhere."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from firstmile.study.analysis import analysis_id, find_analyses
from firstmile.study.estimates import listed
from firstmile.taxonomy import packaged_taxonomy


class NotFound(LookupError):  # noqa: N818 - a state of knowledge, not a defect
    """A path that leads nowhere in these results."""


def look_up(path: str, results: Mapping[str, Any]) -> Any:
    """Follow a path through results in plain form.

    A path is names joined by dots; `[key=value,...]` after a name picks the first item of a
    sequence with these values ("none" stands for null). Raises NotFound saying which part
    leads nowhere.
    """
    here: Any = results
    walked = ""
    for part in re.findall(r"[^.\[]+(?:\[[^\]]*\])?", path):
        name, _, wanted = part.partition("[")
        walked = f"{walked}.{name}" if walked else name
        if not isinstance(here, Mapping) or here.get(name) is None:
            raise NotFound(f"no {walked} in these results")
        here = here[name]
        if wanted:
            here = _pick(here, wanted.rstrip("]"), walked)
    return here


@cache
def _headings() -> Mapping[str, str]:
    return {analysis_id(analysis): analysis.HEADING for analysis in find_analyses()}


def absence(path: str, results: Mapping[str, Any], missing: Mapping[str, str]) -> str:
    """Say what a path does not lead to as a reader of the report knows it: heading and names."""
    name = path.partition(".")[0]
    heading = f'"{_headings().get(name, name)}"'
    if results.get(name) is None:
        why = f" ({missing[name]})" if name in missing else ""
        return f"there is no answer to {heading}{why}"
    for end in (found.start() for found in re.finditer("]", path)):
        try:
            look_up(path[: end + 1], results)
        except NotFound:
            return f"there is no row of {_picked(path[:end])} in {heading}"
    return f"there is no such number in {heading} for these failures"


def _picked(row: str) -> str:
    """Return the values by which a row is picked, terms by their labels."""
    terms = packaged_taxonomy().by_code
    values = [pair.partition("=")[2] for pair in row.rpartition("[")[2].split(",")]
    return listed([terms[v].label if v in terms else v for v in values if v != "none"])


def _pick(items: Any, wanted: str, walked: str) -> Any:
    pairs = [pair.partition("=") for pair in wanted.split(",")]
    for item in items if isinstance(items, list | tuple) else ():
        if isinstance(item, Mapping) and all(_same(item.get(k), v) for k, _, v in pairs):
            return item
    raise NotFound(f"no {walked} with {wanted.replace(',', ', ')}")


def _same(found: Any, wanted: str) -> bool:
    return wanted == "none" if found is None else str(found) == wanted
