"""A study as it stands: its funnel, and what is to be done next."""

from collections.abc import Mapping

import msgspec

from firstmile.rendering.inert import visible
from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Decisions, Step
from firstmile.study.design import FILE, PLACEHOLDER, Design, is_placeholder
from firstmile.study.folder import REPORT, StudyFolder
from firstmile.study.funnel import Funnel, Place, codes_of, counting, deciders, make_funnel
from firstmile.study.next_step import NextStep
from firstmile.study.one_rater import one_rater_sentence
from firstmile.study.pilot_order import PilotState, PilotStep, read_pilot
from firstmile.study.same_failure import JUDGED
from firstmile.study.wording import counted

FROZEN = "frozen"
"""The event with which the ranking is frozen and the audit's sample drawn."""

AUDIT = "audit-drawn"
"""The event of a drawn audit sample; its data hold `issues`, in the order of reading."""

EXCLUDED = "screen.json"
"""The store's file with what left without a rater, by address."""

PUBLICATION = "publication.json"
"""The file of a published set that says what went into it."""

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
    `next` says what to do next in whole sentences.
    """

    funnel: Funnel
    repositories: Mapping[str, int]
    screened: bool
    frozen: bool
    pilot: PilotState
    coming: tuple[NextStep, ...]

    @property
    def next(self) -> tuple[str, ...]:
        """What to do next, with the commands."""
        return tuple(one.sentence for one in self.coming)


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
        unread=given_up(decisions, folder.design),
        screened=not urls or (store.folder / EXCLUDED).exists(),
    )
    up_to_date = is_screened(folder)
    pilot = read_pilot(folder, decisions, there=funnel.standings)
    return Overview(
        funnel=funnel,
        repositories=store.repositories(),
        screened=up_to_date,
        frozen=bool(frozen),
        pilot=pilot,
        coming=_next(folder, decisions, funnel, pilot, screened=up_to_date, frozen=bool(frozen)),
    )


def given_up(decisions: Decisions, design: Design) -> frozenset[str]:
    """Return the issues given up when the ranking was last frozen, but those screened since.

    What was collected after that was not given up: it waits to be screened.
    """
    events = decisions.events(FROZEN)
    if not events:
        return frozenset()
    screeners = design.screeners()
    begun = {one.issue for one in decisions.current(Step.SCREEN) if one.rater in screeners}
    return frozenset(events[-1].data.get("given_up", ())) - begun


def _next(
    folder: StudyFolder,
    decisions: Decisions,
    funnel: Funnel,
    pilot: PilotState,
    *,
    screened: bool,
    frozen: bool,
) -> tuple[NextStep, ...]:
    """Return what to do next, most urgent first; never nothing."""
    name = as_argument(folder.path)
    design = folder.design
    alone = _alone(folder)
    if said := _before_reading(folder, funnel, name, screened=screened):
        return (NextStep(words=said), *alone)
    steps = [
        NextStep(words=one)
        for one in (*_gone_raters(design, decisions), *_lost_terms(folder, funnel, name))
    ]
    waiting = {place: len(funnel.at(place)) for place in Place}
    freeze = f"firstmile study screen {name} --freeze"
    if waiting[Place.TO_SCREEN]:
        words = f"{_waiting(waiting[Place.TO_SCREEN])} to be screened"
        steps.append(_by_raters(Step.SCREEN, words, name, early=freeze))
    elif not frozen or not decisions.events(AUDIT):
        words = f"Draw the sample that bounds what was missed: {freeze}"
        steps.append(NextStep(words=words, freezes=True))
    if unread := unaudited(decisions, design):
        words = (
            f"{_waiting(unread)} to be audited, of the random sample of what was discarded, "
            f"{audit_work(unread, design)}"
        )
        steps.append(_by_raters(Step.AUDIT, words, name))
    if waiting[Place.TO_VERIFY]:
        words = f"{_waiting(waiting[Place.TO_VERIFY])} to be verified"
        steps.append(_by_raters(Step.VERIFY, words, name))
    steps += _labelling(folder, decisions, funnel, pilot)
    if waiting[Place.TO_ADJUDICATE]:
        words = f"{_waiting(waiting[Place.TO_ADJUDICATE])} to be adjudicated"
        steps.append(_by_raters(Step.ADJUDICATE, words, name))
    if is_placeholder(design.study.name) and (steps or waiting[Place.LABELLED]):
        words = (
            f"Name the study in {as_argument(folder.path / FILE)}: study.name still holds "
            f"{PLACEHOLDER}, and it is the title of what is published."
        )
        steps.append(NextStep(words=words))
    if waiting[Place.LABELLED]:
        steps += [
            NextStep(words=one)
            for one in _published(folder, decisions, waiting[Place.LABELLED], alone=not steps)
        ]
    elif not steps:
        more = f"collect more: firstmile study collect {name}"
        return (NextStep(words=f"No failure was found in what was read; {more}"),)
    return (*steps, *alone)


def _by_raters(
    step: Step, words: str, name: str, *, more: tuple[str, ...] = (), early: str = ""
) -> NextStep:
    """Return what raters do on the pages of a step; `name` is the study's on the command line."""
    return NextStep(words=words, step=step, pages=f"firstmile serve {name}", more=more, early=early)


def _alone(folder: StudyFolder) -> list[NextStep]:
    """Say that a single rater labels, until a set that says so itself is published."""
    said = one_rater_sentence(folder.design.labellers())
    if said is None or (folder.published / PUBLICATION).exists():
        return []
    return [NextStep(words=said)]


def _labelling(
    folder: StudyFolder, decisions: Decisions, funnel: Funnel, pilot: PilotState
) -> list[NextStep]:
    """Say what comes next of labelling: the open pilot round, or all that is verified."""
    waiting = funnel.at(Place.TO_LABEL)
    steps: list[NextStep] = []
    begun = pilot.step is not PilotStep.OPEN_FIRST
    if begun and (waiting or pilot.step is not PilotStep.NOTHING):
        # What a pilot reached takes a while to compute, so only who has one waits for it.
        from firstmile.study.pilot_target import pilot_steps

        steps += pilot_steps(folder, decisions, pilot)
    if begun and pilot.step is not PilotStep.NOTHING:
        if others := len(set(waiting) - set(pilot.issues)):
            waits = counted(others, "other issue waits", "other issues wait")
            more = (*steps[-1].more, f"{waits} for its end")
            steps[-1] = msgspec.structs.replace(steps[-1], more=more)
        return steps
    if not waiting:
        return steps
    name = as_argument(folder.path)
    more = ()
    if (
        pilot.step is PilotStep.OPEN_FIRST
        and folder.design.label.pilot
        and len(folder.design.labellers()) > 1
        and not decisions.current(Step.LABEL)
    ):
        more = (f"in pilot rounds first, firstmile study pilot {name} --open",)
    words = f"{_waiting(len(waiting))} to be labelled"
    return [*steps, _by_raters(Step.LABEL, words, name, more=more)]


def _before_reading(folder: StudyFolder, funnel: Funnel, name: str, *, screened: bool) -> str:
    """Return what has to be done before raters can begin; empty where they can."""
    design, file = folder.design, as_argument(folder.path / FILE)
    if not funnel.standings:
        if not design.sources:
            return f"Name a source in {file}: [[sources]] with a kind."
        if any(PLACEHOLDER in str(table.options) for table in design.sources):
            return f"Put your repositories in the place of {PLACEHOLDER} in {file}."
        return f"Collect the issues: firstmile study collect {name}"
    if not screened:
        since = (
            ", since issues or study.toml changed after the last screen" if funnel.screened else ""
        )
        return f"Screen by keyword and find duplicates{since}: firstmile study screen {name}"
    if not design.raters:
        return f"Name the raters in {file}: [[raters]] with a name."
    return ""


def gone_raters(design: Design, decisions: Decisions) -> str:
    """Return who decided and is not named in the study.toml any more, as a list in words."""
    named = {rater.name for rater in design.raters}
    gone = sorted({one.rater for one in decisions.history()} - named)
    return ", ".join(map(visible, gone))


def _gone_raters(design: Design, decisions: Decisions) -> list[str]:
    """Say whose decisions no longer count, since the study.toml does not name them any more."""
    gone = gone_raters(design, decisions)
    if not gone:
        return []
    return [
        f"Decisions of {gone} are on record but settle nothing any more: the "
        "study.toml does not name them any more. Put the names back, unless that is meant."
    ]


def _lost_terms(folder: StudyFolder, funnel: Funnel, name: str) -> list[str]:
    """Say that final labels carry terms which the codebook no longer has; they keep it unpublished.

    Only final ones count: what was overruled since may carry what it likes.
    """
    known = folder.taxonomy.by_code
    lost: dict[str, int] = {}
    for one in funnel.standings.values():
        for code in codes_of(one.labels) if one.labels else ():
            if code is not None and code not in known:
                lost[code] = lost.get(code, 0) + 1
    if not lost:
        return []
    terms = ", ".join(f"{visible(code)} ({count:,})" for code, count in sorted(lost.items()))
    return [
        f"Final labels carry terms that the codebook no longer has, so nothing can be published: "
        f"{terms}. Put them back, or decide those issues anew; firstmile study codebook {name} "
        "lists them."
    ]


def unaudited(decisions: Decisions, design: Design) -> int:
    """Return how many issues of the latest sample no present rater has read, 0 before one."""
    drawn = decisions.events(AUDIT)
    if not drawn:
        return 0
    read = {one.issue for one in counting(decisions.current(Step.AUDIT), Step.AUDIT, design)}
    return sum(url not in read for url in drawn[-1].data["issues"])


def audit_work(issues: int, design: Design) -> str:
    """Return who reads how much of an audit's sample: one reading of each issue is enough."""
    names = " or ".join(map(visible, deciders(Step.AUDIT, design)))
    seconds = issues * design.seconds_an_issue.audit
    minutes = counted(max(1, round(seconds / 60)), "minute")
    each, much = ("each ", " in all") if issues > 1 else ("", "")
    return f"{each}on its whole thread by {names}, about {minutes}{much}"


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the record went into a published set; None is not known.

    Counts, since files change without a decision: SQLite rewrites its own, and so does a copy.
    """

    decisions: int
    judgements: int | None = None


def _published(
    folder: StudyFolder, decisions: Decisions, labelled: int, *, alone: bool
) -> list[str]:
    """Say how to publish what is labelled, or what to do with what is published.

    That all of it is done is said where nothing else is to be done, `alone`.
    """
    name = as_argument(folder.path)
    failures = f"{counted(labelled, 'failure is', 'failures are')} labelled"
    look = f"See how far the raters agree: firstmile study agree {name}"
    try:
        data = (folder.published / PUBLICATION).read_bytes()
        known = msgspec.json.decode(data, type=_Known)
    except (OSError, msgspec.MsgspecError):
        return [look, f"{failures}: firstmile study publish {name}"]
    judged = len(decisions.events(JUDGED))
    if known.decisions != len(decisions.history()) or known.judgements not in (None, judged):
        return [
            look,
            f"{failures}; decisions were made since the set was published: firstmile study "
            f"publish {name}, with a new publish.version",
        ]
    # The checksums of what is published belong to publishing, which asks how far a study is.
    from firstmile.study.reported import is_reported

    report = folder.path / REPORT
    if not is_reported(report, folder.published):
        return [f"{failures} and published: firstmile study report {name}"]
    page = as_argument(report / "index.html")
    return [f"Nothing is left to do: {failures} and published; the report is {page}"] * alone


def _waiting(number: int) -> str:
    return counted(number, "issue waits", "issues wait")
