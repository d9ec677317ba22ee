"""What a study on disk will cost: its plan, from what is known of its sources and of itself."""

from collections.abc import Sequence
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.design import Design
from firstmile.study.folder import StudyFolder
from firstmile.study.overview import make_overview
from firstmile.study.planning import Plan, make_plan
from firstmile.study.sources import Collecting, find_source

PLACEHOLDER: Final = "owner/name"
"""The repository of a study.toml that nobody has filled in yet."""


def plan_study(
    folder: StudyFolder, *, credentials: Sequence[str] = (), assumed: int | None = None
) -> Plan:
    """Plan a study: what was collected counts as in its store, each issue once.

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
            held = past.held(table.kind, target) if head and head.done else {}
            if not held:
                known = head.expected if head and not is_file else counted.get(target)
                held = {target: assumed if known is None else known}
            counts |= held
            if not is_file:
                asked |= held.keys()
    with folder.decisions() as decisions:
        funnel = make_overview(folder, decisions).funnel
    return make_plan(
        design,
        counts,
        measured=funnel,
        bytes_an_issue=past.bytes_an_issue,
        issues_a_request=past.issues_a_request,
        from_files=frozenset(counts) - asked,
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

    def held(self, kind: str, target: str) -> dict[str, int | None]:
        """Return how many issues the store has of each repository that a target brought."""
        called = self._names.get((kind, target), set())
        return {name: count for name, count in self._store.items() if name.casefold() in called}
