"""Which issue a rater gets next, in each step.

An issue leaves only when every rater of a step excludes it; one who would keep it carries it on
to the next step. So what waits for verification is what some rater of the screen included, and
what waits for labels is what some rater who read the whole thread included. What an auditor
would keep comes back, whoever or whatever had discarded it, and is verified like any other.
As in the funnel, only decisions of a step's present raters count.

A screener gets an issue's later steps only after an own decision in the screen: to be offered it
earlier would tell that another rater had included it.

Nobody is offered what would change nothing any more: to screen or verify an issue whose labels are
complete, since one rater's inclusion has carried it that far, or to read an issue of the audit's
sample that another has read. Whoever decided on it may still look again.
"""

import threading
from collections.abc import Callable, Mapping, Sequence, Set
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Decision, LabelValue, Step, label_of
from firstmile.study.design import Design
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import AUDITED, counting, deciders
from firstmile.study.ledger import Ledger
from firstmile.study.overview import AUDIT, EXCLUDED, FROZEN
from firstmile.study.pilot_order import PILOT as PILOT
from firstmile.taxonomy import Axis

RANKING: Final = "ranking.json"
"""The screen's order of reading: a list of addresses, likeliest failure first."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a rater is in a step: decisions of this rater, and what this rater will still get.

    `total` is both together, `today` counts the decisions of a day, `skipped` what was put off
    and still waits, `elsewhere` what others settled, so that this rater need not.
    """

    done: int
    total: int
    today: int
    skipped: int
    elsewhere: int


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
        self._order: dict[str, int] = {}
        self._left: tuple[Any, frozenset[str]] = (None, frozenset())

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
            self._order = {url: place for place, url in enumerate(order)}
            self._screen = [url for url in order if url not in self.excluded]
            self._place = {url: place for place, url in enumerate(self._screen)}
            self.made_of = made_of
            return True

    def raters(self, step: Step) -> Sequence[str]:
        """Return who may decide in a step; the screeners audit."""
        return deciders(step, self._design)

    def pool(self, step: Step, rater: str | None = None) -> Sequence[str]:
        """Return the issues of a step in the order of reading, decided ones included.

        With a rater those of this rater: without what an own decision in the screen must come
        first for, and without what was compared before this rater labelled it.
        """
        if step is Step.SCREEN:
            return self._to_screen()
        if step is Step.AUDIT:
            return self._to_audit(rater)
        if step is Step.ADJUDICATE:
            return sorted(url for url in self._verified() if self._differs(url))
        if step is Step.VERIFY:
            found = sorted(self._screened_in(), key=lambda url: (self._order[url], url))
        else:
            found = self._to_label()
        return found if rater is None else [url for url in found if self._may_see(step, rater, url)]

    def compared(self, url: str) -> Sequence[str]:
        """Return the raters whose labels of an issue are compared: all who label.

        Where one of them has not, once the others' were compared, those who had labelled by then:
        nobody else can any more.
        """
        raters = self._design.labellers()
        given = self._ledger.current[Step.LABEL].get(url, {})
        if url not in self._ledger.opened or all(name in given for name in raters):
            return raters
        found = [name for name in self._ledger.compared.get(url, raters) if name in given]
        return found if len(found) > 1 else sorted(given)

    def round(self) -> int:
        """Return the pilot round that is open, 0 outside a pilot."""
        return int(self._ledger.events.get(PILOT, {}).get("round", 0))

    def next(
        self, step: Step, rater: str, *, opens: Callable[[str], bool] = lambda _url: True
    ) -> str | None:
        """Return the rater's next issue, those put off last; None when all are decided.

        What `opens` denies is passed over: nobody could read it.
        """
        put_off = self._ledger.skipped.get((step, rater), {})
        decided = self._ledger.of(step, rater)
        settled = self._settled(step, decided)
        later: list[tuple[int, int, str]] = []
        for place, url in enumerate(self.pool(step, rater)):
            if url in decided or url in settled:
                continue
            if url in put_off:
                later.append((put_off[url], place, url))
            elif opens(url):
                return url
        return next((url for _times, _place, url in sorted(later) if opens(url)), None)

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
        return url in self.pool(step, rater)

    def progress(self, step: Step, rater: str, *, day: str) -> Progress:
        """Say how far a rater is; `day` is today as YYYY-MM-DD in UTC."""
        pool = self.pool(step, rater)
        mine = self._ledger.of(step, rater)
        # The screen's pool is as large as the store, so what is in it is asked one by one.
        held = None if step is Step.SCREEN else frozenset(pool)
        inside = self._is_screened if held is None else held.__contains__
        done = sum(map(inside, mine))
        settled = {url for url in self._settled(step, mine) if inside(url)}
        put_off = self._ledger.skipped.get((step, rater), {})
        return Progress(
            done=done,
            total=len(pool) - len(settled),
            today=sum(one.at.startswith(day) for one in mine.values()),
            skipped=sum(inside(url) and url not in mine and url not in settled for url in put_off),
            elsewhere=len(settled),
        )

    def last(self, step: Step, rater: str) -> Decision | None:
        """Return the rater's latest standing decision in a step: what undo takes back."""
        mine = self._ledger.of(step, rater)
        return next(reversed(list(mine.values())), None)

    def _settled(self, step: Step, decided: Mapping[str, Decision]) -> set[str]:
        """Return what others settled of a step, without what is `decided`: nobody gets it."""
        current = self._ledger.current
        if step in (Step.AUDIT, Step.ADJUDICATE):
            return {url for url in current[step] if url not in decided and self._of(step, url)}
        if step is Step.LABEL:
            return set()
        begun = {**current[Step.LABEL], **current[Step.ADJUDICATE]}
        return {url for url in begun if url not in decided and self._is_complete(url)}

    def _is_complete(self, url: str) -> bool:
        """Whether an issue was kept in both steps and has all labels that it will get."""
        given = self._ledger.current[Step.LABEL].get(url, {})
        raters = self.compared(url)
        labelled = bool(raters) and all(name in given for name in raters)
        if not labelled and not self._of(Step.ADJUDICATE, url):
            return False
        screened = url in self._place and self._includes(Step.SCREEN, url)
        return self._includes(Step.VERIFY, url) and (screened or self._brought_back(url))

    def _to_screen(self) -> Sequence[str]:
        """Return what is read in the screen; what a freeze gave up only if some rater began it."""
        if FROZEN not in self._ledger.events:
            return self._screen
        given_up, begun = self._given_up(), self._ledger.current[Step.SCREEN]
        return [
            url
            for url in self._screen
            if url not in given_up or (url in begun and self._of(Step.SCREEN, url))
        ]

    def _is_screened(self, url: str) -> bool:
        """Whether `_to_screen` holds an issue."""
        if url not in self._place or FROZEN not in self._ledger.events:
            return url in self._place
        return url not in self._given_up() or bool(self._of(Step.SCREEN, url))

    def _given_up(self) -> Set[str]:
        """Return what the freeze gave up: what it lists, all where an older one lists nothing."""
        frozen = self._ledger.events[FROZEN]
        if "given_up" not in frozen:
            return self._place.keys()
        if self._left[0] is not frozen:
            self._left = (frozen, frozenset(frozen["given_up"]))
        return self._left[1]

    def _may_see(self, step: Step, rater: str, url: str) -> bool:
        labelled = self._ledger.current[Step.LABEL].get(url, {})
        if step is Step.LABEL and url in self._ledger.opened and rater not in labelled:
            return False
        return (
            rater not in self._design.screeners()
            or url not in self._place
            or rater in self._ledger.current[Step.SCREEN].get(url, {})
            or self._brought_back(url)
        )

    def _brought_back(self, url: str) -> bool:
        return self._includes(Step.AUDIT, url)

    def _includes(self, step: Step, url: str) -> bool:
        """Whether some rater of a step would keep an issue."""
        made = self._of(step, url)
        return any(one.value is not None and one.value.get("include") for one in made)

    def _of(self, step: Step, url: str) -> Sequence[Decision]:
        """Return the decisions on an issue that count in a step."""
        made = self._ledger.current[step].get(url)
        return counting(made.values(), step, self._design) if made else ()

    def _screened_in(self) -> set[str]:
        """Return what some screener included, and what some auditor did."""
        back = {
            url
            for url in self._ledger.current[Step.AUDIT]
            if self._brought_back(url)
            and (url in self._place or self.excluded.get(url, {}).get("step") in AUDITED)
        }
        kept = self._kept(Step.SCREEN)
        return {url for url in kept if url in self._place} | (back & self._order.keys())

    def _verified(self) -> list[str]:
        """Return what was kept in the screen and by some rater who read the whole thread."""
        screened = self._screened_in()
        return [url for url in self._kept(Step.VERIFY) if url in screened]

    def _differs(self, url: str) -> bool:
        labels = self._ledger.current[Step.LABEL].get(url, {})
        return bool(disagreement(list(labels.values()), self.compared(url)))

    def _to_audit(self, rater: str | None) -> list[str]:
        """Return the audit's sample, from another place on for each rater.

        One reading of each is enough: two who read at once should not read the same.
        """
        drawn = self._ledger.events.get(AUDIT, {}).get("issues", ())
        found = [url for url in drawn if url in self._order]
        raters = self.raters(Step.AUDIT)
        start = raters.index(rater) * len(found) // len(raters) if rater in raters else 0
        return found[start:] + found[:start]

    def _kept(self, step: Step) -> list[str]:
        raters = self.raters(step)
        return [
            url
            for url, of in self._ledger.current[step].items()
            if any(
                one.rater in raters and one.value is not None and one.value.get("include")
                for one in of.values()
            )
        ]

    def _to_label(self) -> list[str]:
        """Return what was verified, shuffled alike for all raters; in a pilot its own issues.

        Neighbors in a repository are alike, and a rater's hand changes over the hours; an order
        drawn once from the study's seed keeps the two apart.
        """
        if self.round():
            return [url for url in self._ledger.events[PILOT]["issues"] if url in self._order]
        seed = self._design.study.seed
        return sorted(self._verified(), key=lambda url: sha256(f"{seed} {url}".encode()).digest())


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
            f"{path.name} of the study's store is damaged; this writes it anew: firstmile study "
            f"screen {as_argument(path.parent.parent)}"
        ) from error
