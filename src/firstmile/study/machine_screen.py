"""The screen's part that needs no rater: the date range, the keywords, and duplicates.

Of a group of duplicates only its leader goes on, and no rater is asked first: `study duplicates`
shows the groups with their evidence, and records what a rater says instead, that two issues are
not the same or that they are. The audit's sample holds followers, too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from firstmile.rendering.files import write_whole
from firstmile.study.decisions import Decisions, Step, screen_of
from firstmile.study.design import Design
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Place
from firstmile.study.overview import (
    EXCLUDED,
    MADE_OF,
    Exclusion,
    read_exclusions,
    screen_state,
)
from firstmile.study.reading.quoting import shown
from firstmile.study.same_failure import Judgement, joined, read_judgements
from firstmile.study.screening.copies import bodies_once
from firstmile.study.screening.duplicates import Group, Join, Report, group_duplicates
from firstmile.study.screening.keywords import KEYWORDS, keyword_screen, own_keywords
from firstmile.study.screening.reasons import NO_KEYWORD
from firstmile.study.screening.stripping import frequent_lines, strip_body, strip_title

NOT_IN_RANGE: Final = "opened outside the date range"
MARKED: Final = "marked as a duplicate by the maintainers"
ALIKE: Final = {"error line": "same rare error line", "text": "nearly the same text"}
BY_RATER: Final = "the same failure, as a rater judged"
COLUMNS: Final = ("url", "title", "body", "created_at", "duplicate_of")

GROUPS: Final = "duplicates.json"
"""The store's file with the groups of alike issues and what shows that they are."""


def screen_by_machine(
    folder: StudyFolder,
    *,
    decisions: Decisions | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> Mapping[str, Exclusion]:
    """Say which issues leave without a rater, and write it beside the store.

    Given `decisions`, no issue leaves that was verified or labelled, and one that raters would
    keep leads its group: a later collection, or another date range, would else throw work away.
    What raters judged to be the same failure, or not, overrules what is found.
    Depends on the store, the design and those alone, so the same study gives the same bytes.
    """
    design, excluded = folder.design, dict[str, Exclusion]()
    worked, wanted = _decided(decisions) if decisions else (frozenset[str](), frozenset[str]())
    own = design.screen.keywords
    passes = keyword_screen((own_keywords(own),) if own else KEYWORDS).passes
    kept: list[Report] = []
    created, alike = dict[str, str | None](), list[tuple[str, str, str]]()
    for repository in folder.store.repositories():
        say(f"Keywords: {shown(repository)}")
        table = folder.store.table(COLUMNS, repositories=[repository])
        rows = table.to_pylist()
        titles = [strip_title(row["title"]) for row in rows]
        form = frequent_lines(bodies_once(titles, [row["body"] for row in rows]))
        for row in rows:
            url, opened = row["url"], row["created_at"]
            text = strip_body(row["body"], form)
            stays = url in worked
            if not stays and not _in_range(opened, design):
                excluded[url] = Exclusion(step=Place.OUT_OF_RANGE, reason=NOT_IN_RANGE)
            elif not stays and not passes(f"{row['title']}\n{text}"):
                excluded[url] = Exclusion(step=Place.NO_KEYWORD, reason=NO_KEYWORD)
            else:
                kept.append(Report(key=url, title=strip_title(row["title"]), text=text))
                created[url] = opened
                if row["duplicate_of"]:
                    alike.append((url, row["duplicate_of"], MARKED))
    say("Duplicates")
    groups = group_duplicates(kept)
    write_whole(folder.store.folder / GROUPS, msgspec.json.format(msgspec.json.encode(groups)))
    alike += _joins(groups)
    judgements = read_judgements(decisions) if decisions else ()
    order = {
        url: (url not in worked, url not in wanted, opened or "9", url)
        for url, opened in created.items()
    }
    followers = _followers([report.key for report in kept], alike, order, judgements)
    excluded.update((url, why) for url, why in followers if url not in worked)
    whole = dict(sorted(excluded.items()))
    write_whole(folder.store.folder / EXCLUDED, msgspec.json.encode(whole))
    write_whole(folder.store.folder / MADE_OF, screen_state(folder))
    return whole


def regroup(folder: StudyFolder, decisions: Decisions) -> Mapping[str, Exclusion]:
    """Say again who follows whom, by what raters judged since the screen, and write it down.

    The rest of the screen, which takes longer, stays as it is.
    """
    worked, wanted = _decided(decisions)
    excluded = {
        url: why for url, why in read_exclusions(folder).items() if why.step is not Place.DUPLICATE
    }
    table = folder.store.table(["url", "created_at", "duplicate_of"])
    rows = [row for row in table.to_pylist() if row["url"] not in excluded]
    alike = [
        (row["url"], row["duplicate_of"], MARKED) for row in rows if row["duplicate_of"]
    ] + _joins(read_groups(folder))
    order = {
        row["url"]: (
            row["url"] not in worked,
            row["url"] not in wanted,
            row["created_at"] or "9",
            row["url"],
        )
        for row in rows
    }
    followers = _followers([*order], alike, order, read_judgements(decisions))
    excluded.update((url, why) for url, why in followers if url not in worked)
    whole = dict(sorted(excluded.items()))
    write_whole(folder.store.folder / EXCLUDED, msgspec.json.encode(whole))
    return whole


def _joins(groups: Iterable[Group]) -> list[tuple[str, str, str]]:
    return [(one.first, one.second, ALIKE[one.kind]) for group in groups for one in group.joins]


def _in_range(created: str | None, design: Design) -> bool:
    """Whether an issue was opened in the study's days; one without a date is kept."""
    since, until = design.study.since, design.study.until
    if created is None or (since is None and until is None):
        return True
    day = date.fromisoformat(created[:10])
    return (since is None or day >= since) and (until is None or day <= until)


def _decided(decisions: Decisions) -> tuple[frozenset[str], frozenset[str]]:
    """Return the issues that were verified or labelled, and those that a screener would keep."""
    worked = frozenset(
        one.issue
        for step in (Step.VERIFY, Step.LABEL, Step.ADJUDICATE)
        for one in decisions.current(step)
    )
    wanted = frozenset(
        one.issue for one in decisions.current(Step.SCREEN) if screen_of(one).include
    )
    return worked, wanted


def _followers(
    kept: Sequence[str],
    alike: Iterable[tuple[str, str, str]],
    order: Mapping[str, tuple[bool, bool, str, str]],
    judgements: Sequence[Judgement],
) -> Iterator[tuple[str, Exclusion]]:
    """Yield every kept issue that repeats another one, with the first of its group in an order.

    `alike` holds pairs of issues with the reason why they are the same.
    """
    pairs = list(alike)
    groups = joined(kept, ((first, second) for first, second, _reason in pairs), judgements)
    by_rater = [(one.first, one.second, BY_RATER) for one in judgements if one.same]
    reasons = dict[str, str]()
    for first, second, reason in [*by_rater, *pairs]:
        if first in groups and second in groups and groups.connected(first, second):
            reasons.setdefault(first, reason)
            reasons.setdefault(second, reason)
    for group in groups.subsets():
        if len(group) > 1:
            leader, *rest = sorted(group, key=order.__getitem__)
            for url in rest:
                yield (
                    url,
                    Exclusion(step=Place.DUPLICATE, reason=reasons[url], detail=leader),
                )


def standing_groups(folder: StudyFolder, decisions: Decisions) -> tuple[Group, ...]:
    """Return the groups of alike issues as raters' judgements left them, largest first.

    Each keeps the joins between its members, and what a rater judged the same is one of them.
    """
    found, judgements = read_groups(folder), read_judgements(decisions)
    joins = [join for group in found for join in group.joins] + [
        Join(
            first=one.first,
            second=one.second,
            kind="rater",
            evidence=f"{one.rater}: {one.reason}",
            similarity=1.0,
        )
        for one in judgements
        if one.same
    ]
    issues = dict.fromkeys(url for join in joins for url in (join.first, join.second))
    groups = joined(issues, ((one.first, one.second) for one in joins), judgements)
    made = [
        Group(
            members=tuple(sorted(group)),
            joins=tuple(one for one in joins if one.first in group and one.second in group),
        )
        for group in groups.subsets()
        if len(group) > 1
    ]
    return tuple(sorted(made, key=lambda group: (-len(group.members), group.members)))


def read_groups(folder: StudyFolder) -> tuple[Group, ...]:
    """Return the groups of alike issues with their evidence, largest first."""
    try:
        data = (folder.store.folder / GROUPS).read_bytes()
        return msgspec.json.decode(data, type=tuple[Group, ...])
    except (OSError, msgspec.MsgspecError):
        return ()
