"""Which issue a rater gets next, in each step.

An issue leaves only when every rater of a step excludes it; one who would keep it carries it on
to the next step. So what waits for verification is what some rater of the screen included, and
what waits for labels is what some rater who read the whole thread included.
"""

import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.decisions import Decision, LabelValue, Step, label_of
from firstmile.study.design import Design
from firstmile.study.folder import StudyFolder
from firstmile.study.ledger import Ledger
from firstmile.study.overview import EXCLUDED, FROZEN
from firstmile.taxonomy import Axis

RANKING: Final = "ranking.json"
"""The screen's order of reading: a list of addresses, likeliest failure first."""

AUDIT: Final = "audit-drawn"
"""The event of a drawn audit sample; its data hold `issues`, in the order of reading."""

PILOT: Final = "pilot-opened"
"""The event of a pilot round; its data hold `round` and `issues`; round 0 ends the pilot."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a rater is in a step; `today` counts this rater's decisions of a day."""

    done: int
    total: int
    today: int
    skipped: int


class Queues:
    """The queues of a study; `refresh` before asking takes in what has changed on disk."""

    def __init__(self, folder: StudyFolder, ledger: Ledger) -> None:
        self._folder = folder
        self._design: Design = folder.design
        self._ledger = ledger
        self._lock = threading.Lock()
        self.made_of: tuple[Any, ...] = ()
        """The state of the files that the queues were made of."""
        self.excluded: Mapping[str, Mapping[str, str]] = {}
        self.urls: list[str] = []
        """All issues of the store."""
        self._screen: list[str] = []
        self._place: dict[str, int] = {}

    def refresh(self) -> bool:
        """Take in a new store, ranking or machine screen; return whether there was one."""
        store = self._folder.store
        files = [store.folder / RANKING, store.folder / EXCLUDED]
        made_of = (store.version(), *(_stamp(path) for path in files))
        with self._lock:
            if made_of == self.made_of:
                return False
            ranking = _read(files[0], list[str]) or []
            self.excluded = _read(files[1], dict[str, dict[str, str]]) or {}
            self.urls = urls = store.table(["url"]).column("url").to_pylist()
            there = set(urls)
            ranked = [url for url in dict.fromkeys(ranking) if url in there]
            rest = set(ranked)
            order = [*ranked, *(url for url in urls if url not in rest)]
            self._screen = [url for url in order if url not in self.excluded]
            self._place = {url: place for place, url in enumerate(self._screen)}
            self.made_of = made_of
            return True

    def raters(self, step: Step) -> Sequence[str]:
        """Return who may decide in a step; the screeners audit."""
        if step is Step.VERIFY:
            return self._design.verifiers()
        if step is Step.LABEL:
            return self._design.labellers()
        if step is Step.ADJUDICATE:
            return self._design.adjudicators()
        return self._design.screeners()

    def pool(self, step: Step) -> Sequence[str]:
        """Return the issues of a step in the order of reading, decided ones included."""
        if step is Step.SCREEN:
            return self._to_screen()
        if step is Step.AUDIT:
            return tuple(self._ledger.events.get(AUDIT, {}).get("issues", ()))
        if step is Step.VERIFY:
            found = self._kept(Step.SCREEN, self._design.screeners())
            return sorted(found, key=lambda url: (self._place[url], url))
        if step is Step.LABEL:
            return self._to_label()
        return sorted(
            url
            for url, labels in self._ledger.current[Step.LABEL].items()
            if disagreement(list(labels.values()), self._design.labellers())
        )

    def round(self) -> int:
        """Return the pilot round that is open, 0 outside a pilot."""
        return int(self._ledger.events.get(PILOT, {}).get("round", 0))

    def next(self, step: Step, rater: str) -> str | None:
        """Return the rater's next issue, those put off last; None when all are decided."""
        put_off = self._ledger.skipped.get((step, rater), {})
        decided = self._decided(step, rater)
        later: list[tuple[int, int, str]] = []
        for place, url in enumerate(self.pool(step)):
            if url in decided:
                continue
            if url not in put_off:
                return url
            later.append((put_off[url], place, url))
        return min(later)[2] if later else None

    def is_open(self, step: Step, rater: str, url: str) -> bool:
        """Whether the rater may decide on an issue in a step now, again included.

        Labels are closed once somebody has compared them: a later one would not be blind.
        """
        if rater not in self.raters(step):
            return False
        if step is Step.SCREEN:
            return url in self._place
        if step is Step.LABEL and url in self._ledger.opened:
            return False
        return url in self.pool(step)

    def progress(self, step: Step, rater: str, *, day: str) -> Progress:
        """Say how far a rater is; `day` is today as YYYY-MM-DD in UTC."""
        pool = self.pool(step)
        decided = self._decided(step, rater)
        if step is Step.SCREEN:
            done = sum(url in self._place for url in decided)
        else:
            done = sum(url in decided for url in pool)
        mine = self._ledger.of(step, rater)
        put_off = self._ledger.skipped.get((step, rater), {})
        return Progress(
            done=done,
            total=len(pool),
            today=sum(one.at.startswith(day) for one in mine.values()),
            skipped=sum(url not in decided for url in put_off),
        )

    def last(self, step: Step, rater: str) -> Decision | None:
        """Return the rater's latest standing decision in a step: what undo takes back."""
        mine = self._ledger.of(step, rater)
        return next(reversed(list(mine.values())), None)

    def _decided(self, step: Step, rater: str) -> Mapping[str, Any]:
        """Return what is out of a rater's queue; one adjudicator settles an issue for all."""
        if step is Step.ADJUDICATE:
            return {url: of for url, of in self._ledger.current[step].items() if of}
        return self._ledger.of(step, rater)

    def _to_screen(self) -> Sequence[str]:
        """Return what is read in the screen; once it is frozen, only what some rater has begun."""
        if FROZEN not in self._ledger.events:
            return self._screen
        begun = self._ledger.current[Step.SCREEN]
        return [url for url in self._screen if url in begun]

    def _kept(self, step: Step, raters: Sequence[str]) -> list[str]:
        return [
            url
            for url, of in self._ledger.current[step].items()
            if url in self._place
            and any(
                one.rater in raters and one.value is not None and one.value.get("include")
                for one in of.values()
            )
        ]

    def _to_label(self) -> Sequence[str]:
        """Return what was verified, shuffled alike for all raters; in a pilot its own issues.

        Neighbors in a repository are alike, and a rater's hand changes over the hours; an order
        drawn once from the study's seed keeps the two apart.
        """
        if self.round():
            return tuple(self._ledger.events[PILOT]["issues"])
        seed = self._design.study.seed
        kept = self._kept(Step.VERIFY, self._design.verifiers())
        return sorted(kept, key=lambda url: sha256(f"{seed} {url}".encode()).digest())


def disagreement(labels: Sequence[Decision], raters: Sequence[str]) -> tuple[Axis, ...]:
    """Return the axes on which raters differ; none until every one of them has labelled.

    Waiting for all keeps the adjudication page from showing a rater another's labels too early.
    """
    values = {one.rater: label_of(one) for one in labels if one.value is not None}
    given = [values[rater] for rater in raters if rater in values]
    if len(given) < max(2, len(raters)):
        return ()
    return tuple(axis for axis in Axis if len({_of(value, axis) for value in given}) > 1)


def _of(value: LabelValue, axis: Axis) -> str | None:
    code: str | None = getattr(value, axis.value)
    return code


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _read(path: Path, kind: Any) -> Any:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path.name} of the study's store cannot be read: {error}.") from error
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise UserError(
            f"{path.name} of the study's store is damaged: run `firstmile study screen` again, "
            "which writes it anew."
        ) from error
