"""Where issues stand, as all raters may know it without learning what another one decided."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.decisions import Decision, Step
from firstmile.study.funnel import Place, Standing, make_funnel
from firstmile.study.ledger import Ledger
from firstmile.study.overview import FROZEN
from firstmile.study.queues import Queues
from firstmile.ui.web.site import Site, index_problem, locked

_BLIND: Final = (Step.SCREEN, Step.AUDIT, Step.VERIFY, Step.LABEL)


def standings(site: Site, urls: Sequence[str]) -> Mapping[str, Standing]:
    """Return where issues stand, counting a step's decisions once all of its raters decided.

    Until then an issue stands where it stood: that one rater has included it would tell the
    other what to think. One auditor is enough for the bound, so an audit also counts once
    somebody has verified what it brought back, and verifying once everybody has labelled.
    """
    ledger, queues = site.ledger, site.queues
    wanted = None if len(urls) > 1_000 else frozenset(urls)
    given_up = ledger.events.get(FROZEN, {}).get("given_up", ())
    begun, screeners = ledger.current[Step.SCREEN], queues.raters(Step.SCREEN)
    unread = frozenset(
        url
        for url in given_up
        if (wanted is None or url in wanted)
        and not any(rater in screeners for rater in begun.get(url, ()))
    )
    funnel = make_funnel(
        urls,
        {
            url: (Place(why["step"]), why["reason"])
            for url in urls
            if (why := queues.excluded.get(url)) is not None
        },
        {step: _known(ledger, queues, step, wanted) for step in Step},
        site.folder.design,
        unread=unread,
    )
    return funnel.standings


def _known(
    ledger: Ledger, queues: Queues, step: Step, wanted: frozenset[str] | None
) -> Iterable[Decision]:
    held = ledger.current[step]
    raters, labellers = queues.raters(step), queues.raters(Step.LABEL)
    found = held.items() if wanted is None else [(url, held.get(url, {})) for url in wanted]
    return [
        one
        for url, of in list(found)
        if step not in _BLIND
        or all(rater in of for rater in raters)
        or (step is Step.AUDIT and ledger.current[Step.VERIFY].get(url))
        or (step is Step.VERIFY and labellers and _all(labellers, ledger.current[Step.LABEL], url))
        for one in of.values()
    ]


def _all(raters: Iterable[str], held: Mapping[str, Mapping[str, Decision]], url: str) -> bool:
    """Whether all raters decided on an issue."""
    return all(rater in held.get(url, {}) for rater in raters)


@locked
def refresh_index(site: Site, say: Callable[[str], None] = lambda _line: None) -> None:
    """Bring the explorer's index up to the store and to what was decided since.

    Raises UserError where decisions, store or index are damaged or cannot be written.
    """
    site.refresh()
    try:
        _bring_up_index(site, say)
    except sqlite3.DatabaseError as error:
        raise UserError(index_problem(error)) from error


def _bring_up_index(site: Site, say: Callable[[str], None]) -> None:
    site.index.refresh(site.folder.store, say=say)
    state: Any = (site.queues.made_of, site.ledger.events.get(FROZEN))
    touched = site.take_touched()
    if state != site.placed:
        urls = site.queues.urls
        site.index.place_all({url: one.place.value for url, one in standings(site, urls).items()})
        site.placed = state
    elif touched:
        found = standings(site, sorted(touched))
        site.index.place({url: one.place.value for url, one in found.items()})
