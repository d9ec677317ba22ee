"""Looking around: how far the study is, the explorer of issues, and what was adjudicated."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from firstmile.study.decisions import Decision, Step, label_of
from firstmile.study.funnel import Place, funnel_data
from firstmile.study.funnel_words import ASKED, COLUMNS, reason_in_words
from firstmile.study.issues import Issue
from firstmile.study.searching import MOST_HITS, PAGE, Search
from firstmile.study.wording import counted
from firstmile.taxonomy import Axis
from firstmile.ui.web import thread
from firstmile.ui.web.coming import coming, overview_of
from firstmile.ui.web.lines import Quotes
from firstmile.ui.web.rating import NAMES, address_of, known_steps, name_of, touched
from firstmile.ui.web.site import Site, locked
from firstmile.ui.web.standing import refresh_index, standings

FACETS: Final[Mapping[str, str]] = {
    "place": "Where it stands",
    "state": "State",
    "year": "Opened in",
    "repository": "Repository",
    "label": "Maintainers' label",
}
SHOWN_VALUES: Final = 12


def status_view(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template of the home page needs beside the data."""
    return {
        "next": coming(site, overview_of(site).coming, [one["step"] for one in data["work"]]),
        "columns": COLUMNS,
        "asked": ASKED,
        "in_words": reason_in_words,
    }


@locked
def status_data(site: Site, rater: str) -> dict[str, Any]:
    """Return how far the study is, and what the rater can do, in plain form."""
    site.refresh()
    overview = overview_of(site)
    day = site.stamp()[:10]
    return {
        "study": site.folder.design.study.name,
        "question": site.folder.design.study.question,
        "rater": rater,
        "codebook": site.taxonomy.version,
        "issues": sum(overview.repositories.values()),
        "repositories": dict(overview.repositories),
        "round": site.queues.round(),
        "next": list(overview.next),
        "steps": funnel_data(overview.funnel),
        "work": [
            {
                "step": step.value,
                "name": NAMES[step],
                **msgspec.to_builtins(site.queues.progress(step, rater, day=day)),
            }
            for step in known_steps(site, rater)
        ],
        "touched": [
            {"issue": one.issue, "why": why}
            for one in site.ledger.of(Step.LABEL, rater).values()
            if (why := touched(one, site.taxonomy))
        ],
    }


def explorer_data(site: Site, query: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of issues with facets, in plain form."""
    refresh_index(site)
    search = read_search(query)
    found = site.index.search(search)
    return {
        "search": msgspec.to_builtins(search),
        "total": found.total,
        "is_cut": found.is_cut,
        "pages": max(1, min(-(-found.total // PAGE), MOST_HITS // PAGE)),
        "hits": [
            {**msgspec.to_builtins(hit), "page": f"/issues/{hit.repository}/{hit.number}"}
            for hit in found.hits
        ],
        "facets": {name: [list(pair) for pair in pairs] for name, pairs in found.facets.items()},
    }


def read_search(query: Mapping[str, str]) -> Search:
    """Return the search that an address asks for; what cannot be meant is left out."""
    page = query.get("page", "1")
    return Search(
        words=query.get("words", "")[:300],
        repository=query.get("repository", "")[:200],
        state=query.get("state", "")[:20],
        year=query.get("year", "")[:4],
        place=query.get("place", "")[:40],
        label=query.get("label", "")[:200],
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )


def explorer_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the explorer's template needs beside the data: addresses of all choices."""
    search = data["search"]

    def address(**changed: Any) -> str:
        merged = {**search, "page": 1, **changed}
        kept = {name: v for name, v in merged.items() if v and (name, v) != ("page", 1)}
        return "/issues?" + urlencode(kept) if kept else "/issues"

    def values(facet: str) -> Iterator[dict[str, Any]]:
        listed = data["facets"].get(facet, ())
        if search[facet] and search[facet] not in [name for name, _count in listed]:
            listed = [[search[facet], None], *listed]
        for name, count in listed[:SHOWN_VALUES]:
            chosen = search[facet] == name
            yield {
                "name": name,
                "count": count,
                "chosen": chosen,
                "address": address(**{facet: "" if chosen else name}),
            }

    page, pages = search["page"], data["pages"]
    return {
        "hits": [
            {**hit, "said": comments_said(hit["comments"], hit["missing"])} for hit in data["hits"]
        ],
        "facets": [(title, list(values(name))) for name, title in FACETS.items()],
        "kept": [(name, v) for name, v in search.items() if name not in ("words", "page") and v],
        "before": address(page=page - 1) if page > 1 else "",
        "after": address(page=page + 1) if page < pages else "",
        "everything": address(**dict.fromkeys(search, "")),
        "most": MOST_HITS,
    }


def comments_said(held: int, missing: int) -> str:
    """Say how many comments an issue has, and how many of them its source did not hold."""
    if not missing:
        return counted(held, "comment")
    if not held:
        return f"{counted(missing, 'comment')}, which the source did not hold"
    return f"{counted(held, 'comment')}, and {missing:,} more that the source did not hold"


@locked
def issue_data(site: Site, rater: str, issue: Issue) -> dict[str, Any]:
    """Return one issue, where it stands and, once they are final, its labels, in plain form."""
    site.refresh()
    standing = standings(site, [issue.url])[issue.url]
    final = standing.place in (Place.LABELLED, Place.UNTOLD)
    on = site.ledger.on(issue.url)
    decided = on[Step.ADJUDICATE] or _agreed(site, rater, on[Step.LABEL])
    return {
        **msgspec.to_builtins(issue),
        "page": address_of(issue),
        "place": standing.place.value,
        "why": standing.reason,
        "final": [_decided(one, site) for one in decided] if final else [],
        "open": [
            {"step": step.value, "name": NAMES[step]}
            for step in known_steps(site, rater)
            if site.queues.is_open(step, rater, issue.url)
        ],
    }


def _agreed(site: Site, rater: str, labels: list[Decision]) -> list[Decision]:
    """Return labels that nobody adjudicated; a rater, who may still label anew, sees own ones."""
    if rater in site.queues.raters(Step.LABEL):
        return [one for one in labels if one.rater == rater]
    return labels


def issue_view(issue: Issue, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template of an issue needs beside the data."""
    quotes = Quotes((one["rater"], one["value"].get("quote", "")) for one in data["final"])
    return {
        "title": thread.title(issue),
        "parts": thread.parts(issue, quotes=quotes),
        "plain": f"{address_of(issue)}/thread.txt",
        "why": why if (why := reason_in_words(data["why"])) != data["place"] else "",
    }


@locked
def history_data(site: Site, rater: str) -> dict[str, Any]:
    """Return every final decision with who made it, when and under which codebook.

    Labels that nobody compared yet are shown to their own rater alone.
    """
    refresh_index(site)
    final: list[dict[str, Any]] = []
    for of in site.ledger.current[Step.ADJUDICATE].values():
        for one in of.values():
            final.append(_decided(one, site))
    adjudicated = {one["issue"] for one in final}
    changed = [
        _decided(one, site)
        for url, of in site.ledger.current[Step.LABEL].items()
        if url not in adjudicated
        for one in of.values()
        if touched(one, site.taxonomy) and (one.rater == rater or url in site.ledger.opened)
    ]
    names = site.index.names({one["issue"] for one in (*final, *changed)})
    for row in (*final, *changed):
        row["title"], row["name"] = names.get(row["issue"], ("", row["issue"]))
    return {
        "codebook": site.taxonomy.version,
        "decisions": sorted(final, key=lambda one: -one["id"]),
        "touched": changed,
    }


def _decided(one: Decision, site: Site) -> dict[str, Any]:
    value = label_of(one)
    return {
        "id": one.id,
        "issue": one.issue,
        "page": f"/issues/at?url={quote(one.issue, safe='')}",
        "step": one.step.value,
        "rater": one.rater,
        "at": one.at,
        "codebook": one.codebook,
        "value": one.value,
        "reason": one.reason,
        "labels": {axis.value: name_of(getattr(value, axis.value), site.taxonomy) for axis in Axis},
        "touched": touched(one, site.taxonomy),
    }
