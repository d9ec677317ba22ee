"""A study as it stands: its funnel, and what is to be done next."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Funnel, Place, make_funnel

FROZEN = "frozen"
"""The event with which the ranking is frozen and the audit's sample drawn."""

EXCLUDED = "screen.json"
"""The store's file with what left without a rater, by address."""

MADE_OF = "screen.made-of"
"""The store's file with the state of store and design that the screen was made of."""


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """Why an issue left without a rater; `detail` shows it, such as the issue it repeats."""

    step: Place
    reason: str
    detail: str = ""


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The funnel, the repositories' sizes, and what to do next, most urgent first.

    `screened` says whether the machine's part of the screen is up to date with the store.
    """

    funnel: Funnel
    repositories: Mapping[str, int]
    screened: bool
    frozen: bool
    next: tuple[str, ...]


def read_exclusions(folder: StudyFolder) -> Mapping[str, Exclusion]:
    """Return what left without a rater, by address; empty where the screen was not made."""
    try:
        data = (folder.store.folder / EXCLUDED).read_bytes()
        return msgspec.json.decode(data, type=dict[str, Exclusion])
    except (OSError, msgspec.MsgspecError):
        return {}


def is_screened(folder: StudyFolder) -> bool:
    """Whether the machine's part of the screen is up to date with store and design."""
    try:
        made_of = (folder.store.folder / MADE_OF).read_text(encoding="utf-8")
    except OSError:
        return False
    return made_of == screen_state(folder)


def screen_state(folder: StudyFolder) -> str:
    """Return a text that changes with the store and with what the design says of the screen."""
    design = folder.design
    said = msgspec.json.encode((design.study.since, design.study.until, design.screen.keywords))
    return f"{folder.store.version()} {said.decode()}"


def make_overview(folder: StudyFolder, decisions: Decisions) -> Overview:
    """Say how far a study is."""
    store = folder.store
    urls = store.table(["url"]).column("url").to_pylist()
    excluded = read_exclusions(folder)
    frozen = decisions.events(FROZEN)
    funnel = make_funnel(
        urls,
        {url: (one.step, one.reason) for url, one in excluded.items()},
        {step: decisions.current(step) for step in Step},
        folder.design,
        unread=given_up(decisions, urls) if frozen else frozenset(),
    )
    up_to_date = is_screened(folder)
    return Overview(
        funnel=funnel,
        repositories=store.repositories(),
        screened=up_to_date,
        frozen=bool(frozen),
        next=_next(folder, funnel, screened=up_to_date, frozen=bool(frozen)),
    )


def given_up(decisions: Decisions, urls: list[str]) -> frozenset[str]:
    """Return the issues that nobody had screened when the ranking was last frozen."""
    events = decisions.events(FROZEN)
    if not events:
        return frozenset()
    last = int(events[-1].data["decisions"])
    read = {one.issue for one in decisions.history(step=Step.SCREEN) if one.id <= last}
    return frozenset(url for url in urls if url not in read)


def _next(folder: StudyFolder, funnel: Funnel, *, screened: bool, frozen: bool) -> tuple[str, ...]:
    name = _name(folder.path)
    if not funnel.standings and not folder.design.sources:
        return (f"Name a source in {name}/study.toml: [[sources]] with a kind.",)
    if not funnel.standings:
        return (f"Collect the issues: firstmile study collect {name}",)
    if not screened:
        return (f"Screen by keyword and find duplicates: firstmile study screen {name}",)
    if not folder.design.raters:
        return (f"Name the raters in {name}/study.toml: [[raters]] with a name.",)
    waiting = {place: len(funnel.at(place)) for place in Place}
    steps = []
    if waiting[Place.TO_SCREEN]:
        steps.append(
            f"{waiting[Place.TO_SCREEN]:,} issues wait to be screened: firstmile serve {name}; "
            f"to stop early, firstmile study screen {name} --freeze"
        )
    elif not frozen:
        steps.append(
            f"Draw the sample that bounds what was missed: firstmile study screen {name} --freeze"
        )
    for place, words in (
        (Place.TO_VERIFY, "to be verified"),
        (Place.TO_LABEL, "to be labelled"),
        (Place.TO_ADJUDICATE, "to be adjudicated"),
    ):
        if waiting[place]:
            steps.append(f"{waiting[place]:,} issues wait {words}: firstmile serve {name}")
    if waiting[Place.LABELLED]:
        steps += [
            f"See how far the raters agree: firstmile study agree {name}",
            f"{waiting[Place.LABELLED]:,} failures are labelled: firstmile study publish {name}",
        ]
    return tuple(steps)


def _name(path: Path) -> str:
    text = str(path)
    return f"'{text}'" if " " in text else text
