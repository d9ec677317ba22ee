"""Cases: real reported failures, condensed, each with what became of it."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.taxonomy import Classification

SET_ASIDE: Final = 3
"""One in so many duplicate groups is kept from those who write entries, for evaluation."""


class Outcome(StrEnum):
    """How the report ended, as far as its thread says."""

    RESOLVED = "resolved"
    WORKED_AROUND = "worked-around"
    UNRESOLVED = "unresolved"
    UNKNOWN = "unknown"


class LabelSource(StrEnum):
    """Who classified the case: the published study, or two raters who did not see each other."""

    PUBLISHED = "published"
    TWO_PASSES = "two-passes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One reported failure.

    `report` is the report in our own words and in its reporter's language, as a reporter would
    put it; `error` the decisive lines as they stood (None where there were none); `resolution`
    what helped, and how that is known. `group` joins cases of the same failure. The passes are
    what two raters said before they agreed on `classification`; None where it was published.
    `foreseen_by` are the checks that would have told of it before the run, by the facts of
    `foreseen_from`, which were there and are in the report; `not_foreseen` says why none would.
    """

    id: str
    url: str
    title: str
    language: str
    reported: date | None
    classification: Classification
    label_source: LabelSource
    group: str
    stack: tuple[str, ...]
    outcome: Outcome
    first_pass: Classification | None
    second_pass: Classification | None
    report: str
    error: str | None
    resolution: str
    foreseen_by: tuple[str, ...] = ()
    foreseen_from: str | None = None
    not_foreseen: str | None = None

    @property
    def text(self) -> str:
        """What the reporter gave: the report, and below it the error lines."""
        return f"{self.report}\n{self.error}" if self.error else self.report

    @property
    def is_set_aside(self) -> bool:
        """Whether entries must not be written from it, so that it can judge them."""
        return is_set_aside(self.group)


def is_set_aside(group: str) -> bool:
    """Say whether a duplicate group belongs to the third that only evaluates.

    The hash of its name decides, so neither order nor a later case moves a group.
    """
    return hashlib.sha256(group.encode()).digest()[0] % SET_ASIDE == 0


@cache
def load_cases() -> tuple[Case, ...]:
    """Read the packaged casebook, in order of ids; the result is shared and never changes."""
    return read_cases(files("firstmile.knowledge") / "casebook")


@cache
def load_case(name: str) -> Case:
    """Read one packaged case by its id, without reading the others."""
    return read_case(files("firstmile.knowledge") / "casebook" / f"{name}.toml")


def read_cases(folder: Traversable) -> tuple[Case, ...]:
    """Read a folder of cases. Raises UserError that names the file of a broken one."""
    return tuple(
        read_case(file)
        for file in sorted(folder.iterdir(), key=lambda item: item.name)
        if file.name.endswith(".toml")
    )


def read_case(file: Traversable) -> Case:
    """Read one case. Raises UserError where it is no TOML, lacks a key or has a strange one."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return _case(file.name.removesuffix(".toml"), data)
    except (KeyError, TypeError, ValueError, UserError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise UserError(f"The case {file.name} cannot be read: {reason}.") from error


_KEYS: Final = frozenset(
    (
        *("url", "title", "language", "reported", "symptom", "cause", "stage", "label_source"),
        *("group", "stack", "outcome", "first_pass", "second_pass", "report", "error"),
        *("resolution", "foreseen_by", "foreseen_from", "not_foreseen"),
    )
)


def _case(name: str, data: Mapping[str, Any]) -> Case:
    if strange := sorted(data.keys() - _KEYS):
        raise ValueError(f"unknown key {strange[0]!r}")
    return Case(
        id=name,
        url=data["url"],
        title=data["title"],
        language=data["language"],
        reported=data.get("reported"),
        classification=_classification(data),
        label_source=LabelSource(data["label_source"]),
        group=data["group"],
        stack=tuple(data["stack"]),
        outcome=Outcome(data["outcome"]),
        first_pass=_pass(data, "first_pass"),
        second_pass=_pass(data, "second_pass"),
        report=data["report"].strip(),
        error=data["error"].strip("\n") if "error" in data else None,
        resolution=data["resolution"].strip(),
        foreseen_by=tuple(data.get("foreseen_by", ())),
        foreseen_from=data.get("foreseen_from"),
        not_foreseen=data.get("not_foreseen"),
    )


def _pass(data: Mapping[str, Any], key: str) -> Classification | None:
    return _classification(data[key]) if key in data else None


def _classification(data: Mapping[str, Any]) -> Classification:
    return Classification(symptom=data["symptom"], cause=data["cause"], stage=data["stage"])
