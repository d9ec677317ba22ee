"""Which issue a rater means: one named by its number, by its address or by words in it."""

import re
from typing import Any, Final

from firstmile.study.issues import Issue
from firstmile.study.searching import Search
from firstmile.ui.web.site import Site
from firstmile.ui.web.standing import refresh_index
from firstmile.ui.web.thread import day, title

MOST: Final = 8
"""Issues that are offered: as many as are seen at once."""

LONGEST: Final = 300
"""Characters that are looked at."""

_NUMBER: Final = re.compile(r"#?([0-9]{1,12})")
_SHORT: Final = re.compile(r"([\w.-]{1,100}/[\w.-]{1,100})#([0-9]{1,12})")
_BARE: Final = re.compile(r"([\w.-]{1,100})#([0-9]{1,12})")
_ADDRESS: Final = re.compile(r"(https://\S{1,200}/issues/[0-9]{1,12})(?:[#?/]\S{0,200})?")


def issues_named(site: Site, of: str, words: str) -> dict[str, Any]:
    """Return as `issues` those that words may mean, the one they name first, never `of` itself.

    `itself` says that the words name `of`, by number or address, and then nothing is offered.

    A number alone means an issue of the repository of `of`, which is an issue's address, and so
    does one behind that repository's name without its owner.
    """
    text = words.strip()[:LONGEST]
    if not text:
        return {"issues": [], "itself": False}
    named = _named(site, of, text)
    if named is not None and named.url == of:
        return {"issues": [], "itself": True}
    found = {named.url: _offered(named)} if named else {}
    if not _ADDRESS.fullmatch(text):
        refresh_index(site)
        for hit in site.index.search(Search(words=text)).hits[: MOST + 1]:
            issue = site.issue(hit.url)
            if issue is not None:
                found.setdefault(hit.url, _offered(issue))
    found.pop(of, None)
    return {"issues": list(found.values())[:MOST], "itself": False}


def _named(site: Site, of: str, text: str) -> Issue | None:
    base = of.rpartition("/")[0]
    if match := _NUMBER.fullmatch(text):
        return site.issue(f"{base}/{match[1]}")
    if match := _SHORT.fullmatch(text):
        host = "/".join(base.split("/")[:3])
        return site.issue(f"{host}/{match[1]}/issues/{match[2]}")
    if (match := _BARE.fullmatch(text)) and match[1].lower() == base.split("/")[-2].lower():
        return site.issue(f"{base}/{match[2]}")
    match = _ADDRESS.fullmatch(text)
    return site.issue(match[1]) if match else None


def _offered(issue: Issue) -> dict[str, Any]:
    return {
        "url": issue.url,
        "name": f"{issue.repository}#{issue.number}",
        "title": title(issue),
        "day": day(issue.created_at),
    }
