"""What a study on disk will cost: its plan, from what is known of its sources and of itself."""

from collections.abc import Sequence
from typing import Any

from firstmile.study.folder import StudyFolder
from firstmile.study.overview import make_overview
from firstmile.study.planning import Plan, make_plan
from firstmile.study.sources import Collecting, find_source


def plan_study(
    folder: StudyFolder, *, credentials: Sequence[str] = (), assumed: int | None = None
) -> Plan:
    """Plan a study; the number of a target's issues is what its source says, or `assumed`.

    A source that can count without collecting (`count`) is asked where nothing was collected of
    the target yet, `assumed` is not given, and there are credentials. Raises UserError where it
    refuses them.
    """
    design, archive = folder.design, folder.archive
    counts: dict[str, int | None] = {}
    received = requests = records = 0
    brought: dict[str, int] = {}
    for page in archive.pages():
        new = sum(page.head.repositories.values())
        brought[page.head.target] = brought.get(page.head.target, 0) + new
        records += new
        received += page.head.bytes
        requests += page.head.requests
    for table in design.sources:
        source: Any = find_source(table.kind)
        collecting = Collecting(
            folder=folder.path,
            since=design.study.since,
            until=design.study.until,
            credentials=credentials,
            options=table.options,
        )
        targets = source.targets(collecting)
        fresh = [target for target in targets if archive.last(table.kind, target) is None]
        asks = bool(fresh and credentials and assumed is None and hasattr(source, "count"))
        counted = source.count(fresh, collecting) if asks else {}
        for target in targets:
            last = archive.last(table.kind, target)
            held = folder.store.repositories().get(target) or brought.get(target)
            known = held if last and last.done else None
            if known is None:
                known = last.expected if last else counted.get(target)
            counts[target] = known if known is not None else assumed
    with folder.decisions() as decisions:
        funnel = make_overview(folder, decisions).funnel
    return make_plan(
        design,
        counts,
        measured=funnel,
        bytes_an_issue=received / records if records and received else None,
        issues_a_request=records / requests if requests else None,
    )
