"""Checks that are about a command alone: where there is none, their answer is known unasked.

More than half of all checks say "does not apply" without a look at machine or model where no
command was given. `unasked.json` holds these answers, and what else is told of a check that is
skipped, so that the modules need not be imported. It is generated (`indexing`) and committed, and
is only a shortcut: a check whose file has another size, or was changed since, is imported and
asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, cast

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.unit import About, Check, Example, check_ids, load_check, module_folder
from firstmile.check.verdicts import Verdict
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome
from firstmile.taxonomy.shortcut import sizes_and_times

FILE: Final = Path(__file__).with_name("unasked.json")
_LATER_SECONDS: Final = 60
"""How much younger than the answers a check may be: files of one installation are as old."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a check says where no command is given, and the size of the file that says it."""

    size: int
    good_state: str
    symptom: str
    cause: str
    stage: str | None
    message: str


class Unasked:
    """What stands for a check that need not be imported: its answer is known.

    Of its docstring it has the good state, since why and how to mend it is told of failures.
    """

    def __init__(self, name: str, answer: Answer) -> None:
        """Take the name of the module and its answer."""
        self.__name__ = name
        self.__doc__: str | None = answer.good_state
        self.ABOUT = About(symptom=answer.symptom, cause=answer.cause, stage=answer.stage)
        self._verdict = Verdict(outcome=Outcome.SKIP, message=answer.message)

    def judge(self, snapshot: Snapshot, intent: Intent) -> Verdict:
        """Return the answer, which is that of an intent of which nothing was said."""
        return self._verdict

    def examples(self) -> Iterable[Example]:
        """Return none: those of the check are in its module."""
        return ()


def checks_without_command() -> tuple[Check, ...]:
    """Return all checks, in order of their ids, for where no command is given."""
    known = read_answers()
    return tuple(_checks(known))


def _checks(known: Mapping[str, Answer]) -> Iterator[Check]:
    for one in check_ids():
        name = one.replace("-", "_")
        if name in known:
            yield cast("Check", Unasked(name, known[name]))
        elif check := load_check(one):
            yield check


def read_answers(file: Path = FILE) -> Mapping[str, Answer]:
    """Return the answers that still stand, by the names of the modules; none where it fails."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, Answer])
        latest = file.stat().st_mtime + _LATER_SECONDS
        there = sizes_and_times(module_folder(), ".py")
    except (OSError, msgspec.DecodeError):
        return {}
    return {
        name: each
        for name, each in found.items()
        if (status := there.get(f"{name}.py")) and status[0] == each.size and status[1] <= latest
    }
