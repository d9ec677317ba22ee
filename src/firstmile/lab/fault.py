"""Faults: what is broken on purpose, how it is classified, and which entry has to know it."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from firstmile.taxonomy import Classification

if TYPE_CHECKING:
    from firstmile.lab.workbench import Workbench

CURRENT: Final = "current"
OLDER: Final = "transformers-4.46"
"""The environments of the lab: today's libraries, and a transformers of late 2024."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: its classification and the id of the entry that a log of it has to meet first.

    `note` is what a user would write above the log: silent failures need it, since a log alone
    does not say that an answer was wrong. `needs` names modules without which the fault cannot
    be provoked; `seconds` is the time after which the run is ended from outside, as a person
    would end one that hangs.
    """

    symptom: str
    cause: str
    entry: str
    stage: str | None = None
    note: str = ""
    environment: str = CURRENT
    needs: tuple[str, ...] = ()
    seconds: float = 60.0

    @property
    def classification(self) -> Classification:
        """The three codes, checked. Raises UserError for one that the codebook does not have."""
        return Classification(symptom=self.symptom, cause=self.cause, stage=self.stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A fault with its id, what its file says of it, and the code that fails."""

    id: str
    about: str
    fault: Fault
    run: Callable[["Workbench"], None]


def find_faults() -> Mapping[str, Seeded]:
    """Find every fault by its file, in order of ids."""
    package = importlib.import_module("firstmile.lab.faults")
    found = {}
    for item in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        module = importlib.import_module(f"{package.__name__}.{item.name}")
        name = item.name.replace("_", "-")
        found[name] = Seeded(
            id=name, about=(module.__doc__ or "").strip(), fault=module.FAULT, run=module.run
        )
    return found
