"""Where the time of a report goes when many are diagnosed: its share by stage, in one process."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from time import process_time
from typing import Any
from unittest.mock import patch

from bench.made_up_reports import made_up
from firstmile.diagnose import judging
from firstmile.diagnose.judging import Diagnoser, packaged
from firstmile.ui import batch

WARMED_BY = 1_500
"""Reports before those that are timed: automata learn from the texts that they see."""
TIMED = 600

_Patched = tuple[object, str, str]
_STAGES: Sequence[_Patched] = (
    (judging, "as_meant", "read: lines, prefixes, denials"),
    (judging._Report, "_set_apart", "entries: what is met, and which failure came first"),
    (judging._Report, "_weighed", "probabilities"),
    (judging._Report, "grounded", "citing: which lines the answer hangs on"),
    (judging._Report, "abstains", "abstaining: whether anything failed"),
    (judging._Report, "known", "entries: what is met, and which failure came first"),
    (Diagnoser, "_similar", "similar cases"),
    (judging, "remedies_of", "what to do"),
    (judging, "asked", "what to do"),
    (batch, "_quick", "writing JSON"),
)


def milliseconds_by_stage() -> dict[str, float]:
    """Return the milliseconds of computing of one report by stage, the most first."""
    judge = packaged(in_bulk=True)
    texts = list(islice(made_up(), WARMED_BY + TIMED))
    lines = [json.dumps({"id": place, "text": text}).encode() for place, text in enumerate(texts)]
    spent: dict[str, float] = {}
    for place, line in enumerate(lines[:WARMED_BY]):
        batch._answer(place, line, judge)
    with ExitStack() as stack:
        for owner, name, stage in _STAGES:
            stack.enter_context(_timed(owner, name, stage, spent))
        stack.enter_context(_timed(judge._signatures, "look_at", "literals of entries", spent))
        stack.enter_context(_timed(judge, "_tally", "words, pairs and clues", spent))
        began = process_time()
        for place, line in enumerate(lines[WARMED_BY:]):
            batch._answer(place, line, judge)
        total = process_time() - began
    spent["what lies between: reading JSON and lines"] = total - sum(spent.values())
    each = {stage: 1000 * seconds / TIMED for stage, seconds in spent.items()}
    return dict(sorted(each.items(), key=lambda pair: -pair[1]))


@contextmanager
def _timed(owner: object, name: str, stage: str, spent: dict[str, float]) -> Iterator[None]:
    """Add up what a function takes, each call by itself; stages do not call each other."""
    inner: Callable[..., Any] = getattr(owner, name)

    def timed(*args: Any, **options: Any) -> Any:
        began = process_time()
        try:
            return inner(*args, **options)
        finally:
            spent[stage] = spent.get(stage, 0.0) + process_time() - began

    with patch.object(owner, name, timed):
        yield


def table(each: dict[str, float]) -> list[str]:
    """Return the stages as lines of a Markdown table."""
    total = sum(each.values())
    return [
        "| stage | ms of computing | share |",
        "|---|---|---|",
        *(f"| {stage} | {ms:.2f} | {ms / total:.0%} |" for stage, ms in each.items()),
        f"| all | {total:.2f} | |",
    ]
