"""Indexing: writes what checks answer where no command is given.

    python -m firstmile.check.indexing

That an answer hangs on nothing else is not assumed: a check is asked with a snapshot that cannot
be looked into. The same checks give the same file, whenever and wherever it is made.
"""

import json
from collections.abc import Mapping
from typing import Any

from firstmile.check import unasked
from firstmile.check.unasked import Answer
from firstmile.check.unit import NOTHING, Check, explanation, find_checks, module_folder
from firstmile.check.verdicts import Verdict
from firstmile.findings import Outcome
from firstmile.taxonomy.shortcut import sizes_and_times


class _LookedAtError(Exception):
    """A check wanted to know something of machine or model."""


class _Closed:
    """A snapshot of which nothing can be known."""

    def __getattribute__(self, name: str) -> Any:
        raise _LookedAtError(name)


def answers() -> Mapping[str, Answer]:
    """Return what checks answer without a command and without a look at anything."""
    sizes = sizes_and_times(module_folder(), ".py")
    found = {}
    for check in find_checks():
        name = check.__name__.rpartition(".")[2]
        message = _answer(check)
        if message is not None:
            about = check.ABOUT
            found[name] = Answer(
                size=sizes[f"{name}.py"][0],
                good_state=explanation(check).good_state,
                symptom=about.symptom,
                cause=about.cause,
                stage=about.stage,
                message=message,
            )
    return found


def _answer(check: Check) -> str | None:
    closed: Any = _Closed()
    try:
        verdict = check.judge(closed, NOTHING)
    except _LookedAtError:
        return None
    is_skipped = isinstance(verdict, Verdict) and verdict.outcome is Outcome.SKIP
    return verdict.message if isinstance(verdict, Verdict) and is_skipped else None


def index_text() -> str:
    """Return the answers, each in a line."""
    rows = (f"{_json(name)}: {_json(_row(each))}" for name, each in sorted(answers().items()))
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _row(answer: Answer) -> list[Any]:
    return [getattr(answer, name) for name in answer.__struct_fields__]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_index() -> None:
    """Write the answers in their place."""
    temporary = unasked.FILE.with_suffix(".part")
    temporary.write_text(index_text(), encoding="utf-8")
    temporary.replace(unasked.FILE)


if __name__ == "__main__":
    write_index()
