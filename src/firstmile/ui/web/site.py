"""A study opened for its pages: what several requests share, kept in step with the disk."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Final

from firstmile.study.decisions import Decisions
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Issue
from firstmile.study.ledger import Ledger
from firstmile.study.queues import Queues

KEPT_ISSUES: Final = 200
"""Issues held in memory, so that going back and reading on touch no disk."""

Suggest = Callable[[Issue], Mapping[str, str]]
"""Proposes a code by axis; asked only where the design turns suggestions on."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Site:
    """One study, its decisions, and who gets what next; close it after use."""

    folder: StudyFolder
    suggest: Suggest | None = None
    now: Callable[[], datetime] = _now
    decisions: Decisions = field(init=False)
    ledger: Ledger = field(init=False)
    queues: Queues = field(init=False)

    def __post_init__(self) -> None:
        self.decisions = self.folder.decisions()
        self.ledger = Ledger(self.folder.path / "decisions.sqlite")
        self.queues = Queues(self.folder, self.ledger)
        self._issues: OrderedDict[str, Issue | None] = OrderedDict()
        self._version = ""
        self._lock = threading.Lock()
        _ = self.folder.design, self.folder.taxonomy, self.folder.key

    def close(self) -> None:
        """Close the decisions."""
        self.ledger.close()
        self.decisions.close()

    @cached_property
    def id(self) -> str:
        """A name of this study that tells nothing of its key; browsers store drafts under it."""
        return sha256(b"pages of the study " + self.folder.key).hexdigest()[:12]

    def refresh(self) -> None:
        """Take in what other processes and earlier requests have written."""
        self.ledger.catch_up()
        self.queues.refresh()

    def issue(self, url: str) -> Issue | None:
        """Return an issue by its address, None where the store has none."""
        version = self.folder.store.version()
        with self._lock:
            if version != self._version:
                self._issues.clear()
                self._version = version
            if url in self._issues:
                self._issues.move_to_end(url)
                return self._issues[url]
        found = self.folder.store.issue(url)
        with self._lock:
            self._issues[url] = found
            while len(self._issues) > KEPT_ISSUES:
                self._issues.popitem(last=False)
        return found

    def stamp(self) -> str:
        """Return the time as decisions record it: ISO 8601 in UTC."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
