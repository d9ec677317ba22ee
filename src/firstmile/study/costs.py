"""What a study on disk will cost: its plan, from what is known of its sources and of itself."""

from collections.abc import Sequence
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, Step
from firstmile.study.design import PLACEHOLDER, Design
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import DISCARDED, Funnel, Place, deciders
from firstmile.study.overview import AUDIT, make_overview, unaudited
from firstmile.study.planning import Begun, Plan, make_plan
from firstmile.study.sources import Collecting, find_source

_WAIT: Final = {
    Step.SCREEN: Place.TO_SCREEN,
    Step.VERIFY: Place.TO_VERIFY,
    Step.LABEL: Place.TO_LABEL,
    Step.ADJUDICATE: Place.TO_ADJUDICATE,
}
"""Where the issues stand that wait in each step."""


def plan_study(
    folder: StudyFolder, *, credentials: Sequence[str] = (), assumed: int | None = None
) -> Plan:
    """Plan what is left of a study: what was collected counts as in its store, each issue once.

    The number of issues of any other target is what its source says, or `assumed`. A source that
    can count without collecting (`count`) is asked where nothing was collected of the target yet,
    files also where collecting was stopped; one that asks over the network only where there are
    credentials and `assumed` is not given.
    Raises UserError where it refuses them, and where no repository was named yet.
    """
    design, archive = folder.design, folder.archive
    require_names(design)
    past = _Past(folder)
    counts: dict[str, int | None] = {}
    collected: dict[str, int] = {}
    asked: set[str] = set()
    for table in design.sources:
        source: Any = find_source(table.kind)
        collecting = Collecting(
            folder=folder.path,
            since=design.study.since,
            until=design.study.until,
            credentials=credentials,
            options=table.options,
        )
        is_file = _reads_files(table.kind)
        targets = source.targets(collecting)
        last = {target: archive.last(table.kind, target) for target in targets}
        fresh = [
            target
            for target, head in last.items()
            if head is None or (is_file and not (head.done and past.held(table.kind, target)))
        ]
        may_ask = is_file or (credentials and assumed is None)
        counted = source.count(fresh, collecting) if may_ask and hasattr(source, "count") else {}
        for target, head in last.items():
            held = past.held(table.kind, target)
            if head and head.done and held:
                counts |= held
                collected |= held
                names = set(held)
            else:
                known = head.expected if head and not is_file else counted.get(target)
                counts[target] = assumed if known is None else known
                collected[target] = sum(held.values())
                names = {target}
            if not is_file:
                asked |= names
    with folder.decisions() as decisions:
        overview = make_overview(folder, decisions)
        begun = _begun(folder, decisions, overview.funnel)
    return make_plan(
        design,
        counts,
        begun=begun,
        collected=collected,
        measured=overview.funnel,
        bytes_an_issue=past.bytes_an_issue,
        issues_a_request=past.issues_a_request,
        from_files=frozenset(counts) - asked,
    )


def _begun(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> Begun:
    """Return how far a study is, by its store and the decisions that count."""
    design = folder.design
    standing = {step: decisions.current(step) for step in Step}
    waiting = {step: funnel.at(place) for step, place in _WAIT.items()}
    unscreened = 0 if funnel.screened else len(waiting.pop(Step.SCREEN))
    readings = {Step.ADJUDICATE: len(waiting[Step.ADJUDICATE])}
    for step in waiting.keys() - readings.keys():
        read = {(one.issue, one.rater) for one in standing[step]}
        raters = deciders(step, design) or ("",)
        readings[step] = sum((url, name) not in read for url in waiting[step] for name in raters)
    return Begun(
        unscreened=unscreened,
        discarded=len(funnel.at(*DISCARDED)),
        waiting={step: len(urls) for step, urls in waiting.items()},
        readings=readings,
        unaudited=unaudited(decisions, design) if decisions.events(AUDIT) else None,
        decisions=sum(map(len, standing.values())),
    )


def require_names(design: Design) -> None:
    """Raise UserError where a study.toml names no repositories of its own yet."""
    for table in design.sources:
        listed = table.options.get("repositories")
        if isinstance(listed, list) and PLACEHOLDER in listed:
            raise UserError(
                f'study.toml still names "{PLACEHOLDER}": write the repositories of your study in '
                "its place, or take that source out and name files."
            )


def _reads_files(kind: str) -> bool:
    """Whether a source reads files that are here, which costs no request."""
    return "files" in find_source(kind).KEYS


class _Past:
    """What the archive says of what collecting cost, and which repositories came from where."""

    def __init__(self, folder: StudyFolder) -> None:
        self._store = folder.store.repositories()
        self._names: dict[tuple[str, str], set[str]] = {}
        received = records = requests = by_request = 0
        for page in folder.archive.pages():
            head = page.head
            new = sum(head.repositories.values())
            called = self._names.setdefault((head.source, head.target), set())
            called |= {name.casefold() for name in head.repositories}
            records += new
            received += head.bytes
            if not _reads_files(head.source):
                requests += head.requests
                by_request += new
        self.bytes_an_issue = received / records if records and received else None
        self.issues_a_request = by_request / requests if by_request and requests else None

    def held(self, kind: str, target: str) -> dict[str, int]:
        """Return how many issues the store has of each repository that a target brought."""
        called = self._names.get((kind, target), set())
        return {name: count for name, count in self._store.items() if name.casefold() in called}
