"""Pilot rounds as they are opened, discussed and ended: each an event on record."""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.agreement import AgreementReport, Moment, Target, make_report
from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Decisions, Step, screen_of
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Funnel, Place, counting
from firstmile.study.pilot_order import (
    DISCUSSED,
    PILOT,
    PilotState,
    PilotStep,
    next_sentence,
    read_pilot,
)
from firstmile.study.settings import Settings
from firstmile.study.wording import counted

FEWEST_DRAWS = 100
"""Draws of intervals that nobody looks at, where the estimate alone says what comes next."""


def open_round(
    folder: StudyFolder,
    decisions: Decisions,
    funnel: Funnel,
    *,
    at: datetime,
    again: bool = False,
) -> int:
    """Open the next pilot round with issues that nobody has labelled; return its number.

    `again` takes up a pilot that has ended. Raises UserError where another step is due, or where
    no issue is left that all raters may label.
    """
    with decisions.together():
        state = read_pilot(folder, decisions, there=funnel.standings)
        if state.step is PilotStep.NOTHING and not again:
            raise UserError(
                f"The pilot ended with round {state.round}, and all verified issues are labelled "
                f"now; to take it up again: firstmile study pilot {as_argument(folder.path)} "
                "--open --again"
            )
        if state.step in (PilotStep.LABEL, PilotStep.DISCUSS):
            raise UserError(_due(folder, decisions, state))
        issues = _unlabelled(folder, decisions, funnel)
        decisions.note(PILOT, {"round": state.round + 1, "issues": issues}, at=_text(at))
    return state.round + 1


def discuss_round(
    folder: StudyFolder, decisions: Decisions, *, there: Collection[str], at: datetime
) -> int:
    """Note that the open round's disagreements were talked over; return its number.

    What raters first said stays the round's figure for ever. Raises UserError where another step
    is due.
    """
    with decisions.together():
        state = read_pilot(folder, decisions, there=there)
        if state.step is not PilotStep.DISCUSS:
            raise UserError(_due(folder, decisions, state))
        last = max((one.id for one in decisions.history()), default=0)
        decisions.note(DISCUSSED, {"round": state.round, "last": last}, at=_text(at))
    return state.round


def end_pilot(
    folder: StudyFolder, decisions: Decisions, *, there: Collection[str], at: datetime
) -> str:
    """End the pilot: from now on all verified issues are labelled; return what to say of its end.

    A round must have been discussed first, unless its target holds or nobody has labelled any of
    it. Raises UserError where another step is due.
    """
    state = read_pilot(folder, decisions, there=there)
    met = target_met(folder, decisions, state)
    with decisions.together():
        if read_pilot(folder, decisions, there=there) != state:
            raise UserError("The pilot changed meanwhile, so it goes on: give the command again.")
        untouched = state.step is PilotStep.LABEL and not state.labels
        settled = state.step is PilotStep.OPEN_NEXT or (state.step is PilotStep.DISCUSS and met)
        if not (untouched or settled):
            raise UserError(next_sentence(folder, state, met=met))
        decisions.note(PILOT, {"round": 0}, at=_text(at))
    if untouched:
        return f"Nobody had labelled any issue of round {state.round}."
    held = "held" if met else "did not hold"
    return f"The pilot's target {held} in round {state.round}; its figures stay on record."


def target_met(folder: StudyFolder, decisions: Decisions, state: PilotState) -> bool:
    """Whether the latest round's first labels have met the pilot's target."""
    if state.step not in (PilotStep.DISCUSS, PilotStep.OPEN_NEXT):
        return False
    quick = Settings(seed=folder.design.study.seed, bootstraps=FEWEST_DRAWS)
    found = study_agreement(folder, decisions, settings=quick).pilot
    latest = [one for one in found.rounds if one.number == state.round] if found else []
    return bool(latest) and all(one.met for one in latest)


def told_at_end(
    folder: StudyFolder, decisions: Decisions, rater: str, *, there: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Say to a rater who is offered no more of the open round what is done, and what comes next.

    Returns a heading and sentences. `there` are the issues of the store.
    """
    state = read_pilot(folder, decisions, there=there)
    if state.step is PilotStep.LABEL:
        return _while_others_label(state, rater, _until(folder))
    met = target_met(folder, decisions, state)
    said = [f"{next_sentence(folder, state, met=met)}."]
    if not met:
        said.append(f"{_until(folder)} What you labelled first stays on record as the round's.")
    done = "discussed" if state.step is PilotStep.OPEN_NEXT else "labelled by all"
    return f"Pilot round {state.round} is {done}", tuple(said)


def _while_others_label(state: PilotState, rater: str, later: str) -> tuple[str, tuple[str, ...]]:
    number, size = f"pilot round {state.round}", counted(len(state.issues), "issue")
    own = state.lacking.get(rater, 0)
    if own:
        waits = counted(own, "of its issues opens", "of its issues open")
        return f"You have labelled what you can of {number}", (
            f"{waits} to you once you have screened them.",
        )
    lacking = sorted(state.lacking.items())
    behind = " and ".join(f"{visible(name)} ({count:,} to go)" for name, count in lacking)
    return f"You have labelled {number}", (
        f"Your labels of its {size} are on record. The round waits for {behind}.",
        f"Then you talk over where you differ. {later}",
    )


def _until(folder: StudyFolder) -> str:
    return (
        "The codebook is mended where its rules were read in two ways, and another round is "
        "labelled, until raters agree well enough on classes of causes (Gwet's AC1 of "
        f"{folder.design.label.target:g}); then all other verified issues are labelled."
    )


def _due(folder: StudyFolder, decisions: Decisions, state: PilotState) -> str:
    return next_sentence(folder, state, met=target_met(folder, decisions, state))


def _unlabelled(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> list[str]:
    """Return the issues of the next round: verified ones that nobody has labelled.

    A screener sees nothing of an issue's later steps before an own decision in the screen, so a
    round of others could not be completed.
    """
    if not folder.design.label.pilot:
        raise UserError("label.pilot of study.toml is 0: say how many issues make a pilot round.")
    used = {one.issue for one in decisions.history(step=Step.LABEL)}
    free = [url for url in funnel.at(Place.TO_LABEL) if url not in used]
    if not free:
        raise UserError(
            "No verified issue is left that nobody has labelled, so no pilot round can be opened: "
            f"firstmile study status {as_argument(folder.path)} says what comes first."
        )
    barred = _barred(folder, decisions, free)
    ready = [url for url in free if url not in barred]
    if not ready:
        names = ", ".join(sorted(set().union(*barred.values())))
        raise UserError(
            f"No pilot round can be opened before {visible(names)} screened the verified issues, "
            f"too: firstmile serve {as_argument(folder.path)}"
        )
    seed = folder.design.study.seed
    order = sorted(ready, key=lambda url: sha256(f"{seed} {url}".encode()).digest())
    return order[: folder.design.label.pilot]


def _barred(
    folder: StudyFolder, decisions: Decisions, issues: Collection[str]
) -> Mapping[str, set[str]]:
    """Return the issues that raters have to screen before they may label them, with the raters."""
    audited = counting(decisions.current(Step.AUDIT), Step.AUDIT, folder.design)
    back = {one.issue for one in audited if screen_of(one).include}
    barred: dict[str, set[str]] = {}
    for rater in sorted({*folder.design.labellers()} & {*folder.design.screeners()}):
        seen = back | {one.issue for one in decisions.current(Step.SCREEN, rater=rater)}
        for url in issues:
            if url not in seen:
                barred.setdefault(url, set()).add(rater)
    return barred


def talked(decisions: Decisions) -> Mapping[int, Moment]:
    """Return when each round was first discussed."""
    found: dict[int, Moment] = {}
    for event in decisions.events(DISCUSSED):
        found.setdefault(int(event.data["round"]), event.data.get("last", event.at))
    return found


def study_agreement(
    folder: StudyFolder,
    decisions: Decisions,
    *,
    settings: Settings | None = None,
    names: Mapping[str, str] | None = None,
) -> AgreementReport:
    """Compute how far a study's raters agree, with its pilot's rounds.

    `names` are what raters are called instead, such as rater-1 in what is published.
    """
    design, called = folder.design, names or {}
    history = [
        *decisions.history(step=Step.LABEL),
        *decisions.history(step=Step.ADJUDICATE),
    ]
    return make_report(
        [
            msgspec.structs.replace(one, rater=called.get(one.rater, one.rater))
            for one in sorted(history, key=lambda one: one.id)
        ],
        settings or Settings(seed=design.study.seed),
        codebook=folder.taxonomy,
        target=Target(at=design.label.target),
        size=design.label.pilot,
        sizes={
            int(event.data["round"]): len(event.data["issues"])
            for event in decisions.events(PILOT)
            if event.data["round"]
        },
        raters=[called.get(name, name) for name in design.labellers()],
        discussed=talked(decisions),
        ended=_ended(decisions),
        ecosystem=design.study.ecosystem,
    )


def _ended(decisions: Decisions) -> bool:
    opened = decisions.events(PILOT)
    return bool(opened) and not opened[-1].data["round"]


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
