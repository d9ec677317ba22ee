"""Who decided what so far, held in memory and kept up with the decisions as they are appended."""

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.study.decisions import COLUMNS, Decision, Step, decision_of

_SQL: Final = f"SELECT {COLUMNS} FROM decisions WHERE id > ? ORDER BY id"  # noqa: S608 - constants


class Ledger:
    """The current decisions by step, issue and rater; `catch_up` reads only what is new.

    `Decisions` answers any question from the file. Pages ask after every key press, so they ask
    this instead: its cost follows what was appended since, by whatever process, and not what is
    there. `skipped` counts how often a rater put an issue off, by (step, rater).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen = 0
        self._events_seen = 0
        self.current: dict[Step, dict[str, dict[str, Decision]]] = {step: {} for step in Step}
        self.done: dict[tuple[Step, str], dict[str, Decision]] = {}
        self.skipped: dict[tuple[Step, str], dict[str, int]] = {}
        self.by_key: dict[str, Decision] = {}
        self.opened: set[str] = set()
        """Issues whose labels were compared: from then on no rater is blind any more."""
        self.compared: dict[str, tuple[str, ...]] = {}
        """Whose labels of an issue were compared, where the event says so."""
        self.events: dict[str, Mapping[str, Any]] = {}
        """The latest event of each name."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def catch_up(self) -> set[str]:
        """Take in what was appended since; return the issues that it is about."""
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"{self._path.resolve().as_uri()}?mode=ro",
                    uri=True,
                    check_same_thread=False,
                    timeout=30,
                )
            touched = set()
            for row in self._connection.execute(_SQL, (self._seen,)).fetchall():
                decision = decision_of(row)
                self._take(decision)
                self._seen = decision.id
                touched.add(decision.issue)
            for number, name, data in self._connection.execute(
                "SELECT id, name, data FROM events WHERE id > ? ORDER BY id", (self._events_seen,)
            ).fetchall():
                self._happened(name, msgspec.json.decode(data))
                self._events_seen = number
            return touched

    @property
    def seen(self) -> tuple[int, int]:
        """The latest decision and event that were taken in."""
        return (self._seen, self._events_seen)

    def of(self, step: Step, rater: str) -> Mapping[str, Decision]:
        """Return a rater's current decisions in a step, by issue."""
        return self.done.get((step, rater), {})

    def on(self, issue: str) -> Mapping[Step, list[Decision]]:
        """Return the current decisions on an issue by step."""
        return {step: list(self.current[step].get(issue, {}).values()) for step in Step}

    def _take(self, decision: Decision) -> None:
        here = self.current[decision.step].setdefault(decision.issue, {})
        mine = self.done.setdefault((decision.step, decision.rater), {})
        mine.pop(decision.issue, None)
        self.by_key[decision.key] = decision
        if decision.value is None:
            here.pop(decision.rater, None)
        else:
            here[decision.rater] = decision
            mine[decision.issue] = decision

    def _happened(self, name: str, data: Mapping[str, Any]) -> None:
        self.events[name] = data
        if name == COMPARED:
            self.opened.add(data["issue"])
            if "raters" in data:
                self.compared.setdefault(data["issue"], tuple(data["raters"]))
        if name == SKIPPED:
            place = self.skipped.setdefault((Step(data["step"]), data["rater"]), {})
            place[data["issue"]] = place.get(data["issue"], 0) + 1


SKIPPED: Final = "skipped"
"""The event of a rater who puts an issue off; its data are `issue`, `step` and `rater`."""

COMPARED: Final = "labels-compared"
"""The event of an adjudicator who first sees raters' labels side by side.

It holds `issue` and whose labels they were, `raters`; older versions wrote no `raters`.
"""
