"""What a check is: one module of `checks/`, its explanation, its judgment and its examples."""

import contextlib
import importlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, cast

import msgspec

from firstmile.check.intent import Intent
from firstmile.check.verdicts import Verdict
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome
from firstmile.taxonomy import Classification

NOTHING: Final = Intent()
"""An intent of which nothing was said."""
PACKAGE: Final = "firstmile.check.checks"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a check is about: the failure that it foresees, by its codes.

    `entries` are the known failures behind it, `references` where its facts come from.
    """

    symptom: str
    cause: str
    stage: str | None = None
    entries: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def classification(self) -> Classification:
        """The codes, checked. Raises UserError for one that the codebook does not have."""
        return Classification(symptom=self.symptom, cause=self.cause, stage=self.stage)


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot and an intent, and the outcome that the check must come to.

    `says` is a piece of the message, where the outcome alone would not show that it is right.
    """

    outcome: Outcome
    snapshot: Snapshot
    intent: Intent = NOTHING
    says: str = ""


class Check(Protocol):
    """A module of `checks/`.

    Its docstring is the good state in one line, then paragraphs that begin with "Why:" and
    "Fix:". `judge` returns a verdict or several; none means that there is nothing to say,
    which no check may do.
    """

    __name__: str
    __doc__: str | None
    ABOUT: About
    judge: Callable[[Snapshot, Intent], Verdict | Sequence[Verdict]]
    examples: Callable[[], Iterable[Example]]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a check's docstring says, apart."""

    good_state: str
    why: str
    fix: str


def check_id(check: Check) -> str:
    """Return the id: the file name, with hyphens."""
    return check.__name__.rpartition(".")[2].replace("_", "-")


def explanation(check: Check) -> Explanation:
    """Return the parts of the docstring; a part that is missing is empty."""
    parts = (check.__doc__ or "").strip().split("\n\n")
    named = {"Why:": "", "Fix:": ""}
    last = ""
    for part in parts[1:]:
        head = part[:4]
        if head in named:
            last, part = head, part[4:]
        if last:
            named[last] = f"{named[last]}\n\n{' '.join(part.split())}".strip()
    return Explanation(good_state=" ".join(parts[0].split()), why=named["Why:"], fix=named["Fix:"])


@cache
def find_checks() -> tuple[Check, ...]:
    """Return all checks in order of their ids."""
    return tuple(_loaded(name) for name in _names())


def check_ids() -> tuple[str, ...]:
    """Return the ids of all checks, in order, without importing one."""
    return tuple(name.replace("_", "-") for name in _names())


def load_check(wanted: str) -> Check | None:
    """Return the check of this id, or None where there is none."""
    name = wanted.replace("-", "_")
    return _loaded(name) if "_" not in wanted and name in _names() else None


def module_folder() -> Path:
    """Return the folder of the modules."""
    path: Any = importlib.import_module(PACKAGE).__path__
    return Path(path[0])


@cache
def _names() -> tuple[str, ...]:
    folder = module_folder()
    with contextlib.suppress(OSError), os.scandir(folder) as files:
        names = [each.name[:-3] for each in files if each.name.endswith(".py")]
        if len(names) > 1:
            return tuple(sorted(name for name in names if not name.startswith("_")))
    import pkgutil

    return tuple(sorted(item.name for item in pkgutil.iter_modules([str(folder)])))


def _loaded(name: str) -> Check:
    return cast("Check", importlib.import_module(f"{PACKAGE}.{name}"))
