"""A study opened for its pages: what several requests share, kept in step with the disk."""

import contextlib
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, wraps
from hashlib import sha256
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.codebook_use import note_use
from firstmile.study.decisions import Decisions
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.study.issues import Issue
from firstmile.study.ledger import Ledger
from firstmile.study.queues import Queues
from firstmile.study.search_index import SearchIndex
from firstmile.taxonomy import Taxonomy
from firstmile.ui.web.codebook import InForce

KEPT_ISSUES: Final = 200
"""Issues held in memory, so that going back and reading on touch no disk."""

INDEX_DAMAGED: Final = (
    "The explorer's index cannot be read: end the server and delete the study's store folder, it "
    "is made again from the archive."
)


def index_problem(error: sqlite3.Error) -> str:
    """Return what keeps the explorer's index from being used, and what to do about it."""
    words = str(error)
    if "full" in words:
        return "The explorer's index cannot be written, since the disk is full: free some space."
    if "disk I/O" in words:
        return (
            "The explorer's index cannot be read or written: free some space where the disk is "
            "full, else end the server and delete the study's store folder, it is made again from "
            "the archive."
        )
    if "readonly" in words or "unable to open" in words:
        return (
            "The explorer's index cannot be written: make the study's store folder and its files "
            "writable."
        )
    if "locked" in words:
        return "Another process holds the explorer's index: wait until it has ended."
    return INDEX_DAMAGED


Suggest = Callable[[Issue], Mapping[str, str]]
"""Proposes a code by axis; asked only where the design turns suggestions on."""


_Made = TypeVar("_Made")


def _now() -> datetime:
    return datetime.now(UTC)


_Given = ParamSpec("_Given")


def locked(
    function: Callable[Concatenate["Site", _Given], _Made],
) -> Callable[Concatenate["Site", _Given], _Made]:
    """Let a function of a site see what is in memory as of one moment."""

    @wraps(function)
    def call(site: "Site", /, *args: _Given.args, **options: _Given.kwargs) -> _Made:
        with site.lock:
            return function(site, *args, **options)

    return call


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
        _ = self.folder.design, self.folder.taxonomy, self.folder.key
        with contextlib.ExitStack() as opened:
            self.decisions = opened.enter_context(contextlib.closing(self.folder.decisions()))
            ledger = Ledger(self.folder.path / "decisions.sqlite")
            self.ledger = opened.enter_context(contextlib.closing(ledger))
            self.queues = Queues(self.folder, self.ledger)
            self.index = SearchIndex(self.folder.store.folder)
            opened.pop_all()
        self.placed: Any = None
        """The state that the index's places were made of."""
        self._made: dict[str, tuple[Any, Any]] = {}
        self._touched: set[str] = set()
        self._issues: OrderedDict[str, Issue | None] = OrderedDict()
        self._version = ""
        self._noted = False
        self._lock = threading.Lock()
        self.lock = threading.RLock()
        """Held while what is in memory is read or brought up to date, never while writing."""
        self.codebook = InForce(self.folder)

    def close(self) -> None:
        """Close index and decisions."""
        self.index.close()
        self.ledger.close()
        self.decisions.close()

    @cached_property
    def id(self) -> str:
        """A name of this study that tells nothing of its key; browsers store drafts under it."""
        return sha256(b"pages of the study " + self.folder.key).hexdigest()[:12]

    def refresh(self) -> None:
        """Take in what other processes and earlier requests have written; raises UserError."""
        with self.lock:
            try:
                self._touched |= self.ledger.catch_up()
            except sqlite3.Error as error:
                raise UserError(
                    f"The study's {DECISIONS} cannot be read ({visible(str(error))}): end the "
                    "server and put a copy of the file back."
                ) from error
            self.queues.refresh()
            self.codebook.refresh(self.decisions, at=self.now())

    @property
    def taxonomy(self) -> Taxonomy:
        """The codebook in force, as of the last `refresh`."""
        return self.codebook.taxonomy

    def take_touched(self) -> set[str]:
        """Return the issues that decisions were made on since this was last asked."""
        with self.lock:
            touched, self._touched = self._touched, set()
        return touched

    def remembered(self, name: str, make: Callable[[], _Made], *, of: object = None) -> _Made:
        """Return what was made before, unless what it was made of has changed since.

        That is the store, the screen, the decisions and the codebook, and `of` beside them.
        """
        state = (self.queues.made_of, self.ledger.seen, self.codebook.address, of)
        with self._lock:
            held = self._made.get(name)
        if held is None or held[0] != state:
            held = (state, make())
            with self._lock:
                self._made[name] = held
        made: _Made = held[1]
        return made

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

    def note_codebook(self) -> None:
        """Have on record which codebook labels are made under, before the first of them is made.

        Raises UserError where its text has changed and its version has not.
        """
        if not self._noted:
            note_use(self.folder, self.decisions, at=self.now())
            self._noted = True

    def stamp(self) -> str:
        """Return the time as decisions record it: ISO 8601 in UTC."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
