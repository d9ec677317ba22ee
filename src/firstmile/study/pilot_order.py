"""The order of a pilot: open a round, label it, talk it over, mend the codebook, open the next.

What is on record says which of these steps is due; every other one is refused with a sentence
that names it.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from firstmile.rendering.inert import visible
from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Decisions, Step
from firstmile.study.design import RaterKind
from firstmile.study.folder import StudyFolder
from firstmile.study.ledger import COMPARED
from firstmile.study.next_step import NextStep
from firstmile.study.wording import counted

PILOT: Final = "pilot-opened"
"""The event of a pilot round; its data hold `round` and `issues`; round 0 ends the pilot."""

DISCUSSED: Final = "pilot-discussed"
"""The event of a round whose disagreements were talked over.

Its data hold `round` and `last`, the id of the last decision before; older events have no `last`.
"""


class PilotStep(StrEnum):
    """What a pilot waits for."""

    OPEN_FIRST = "open the first round"
    LABEL = "label"
    DISCUSS = "discuss"
    OPEN_NEXT = "open the next round"
    NOTHING = "nothing, it has ended"


class PilotState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a pilot is.

    `round` is the latest round, 0 before the first; `lacking` how many of its issues each rater
    has still to label, without those who have none; `labels` how many labels it has.
    """

    round: int
    ended: bool
    issues: tuple[str, ...]
    labels: int
    lacking: Mapping[str, int]
    discussed: bool

    @property
    def step(self) -> PilotStep:
        """What comes next."""
        if not self.round:
            return PilotStep.OPEN_FIRST
        if self.ended:
            return PilotStep.NOTHING
        if self.discussed:
            return PilotStep.OPEN_NEXT
        return PilotStep.LABEL if self.lacking else PilotStep.DISCUSS


def read_pilot(folder: StudyFolder, decisions: Decisions, *, there: Collection[str]) -> PilotState:
    """Return how far a study's pilot is; `there` are the issues of the store.

    A label that nobody could give any more, since the issue's labels were compared, is not
    lacking.
    """
    opened = decisions.events(PILOT)
    rounds = [event for event in opened if event.data["round"]]
    if not rounds:
        return PilotState(round=0, ended=False, issues=(), labels=0, lacking={}, discussed=False)
    number = int(rounds[-1].data["round"])
    issues = tuple(url for url in rounds[-1].data["issues"] if url in there)
    compared = {event.data["issue"] for event in decisions.events(COMPARED)}
    given = {(one.issue, one.rater) for one in decisions.current(Step.LABEL)}
    asked = {
        rater: sum((url, rater) not in given and url not in compared for url in issues)
        for rater in folder.design.labellers()
    }
    inside = set(issues)
    return PilotState(
        round=number,
        ended=not opened[-1].data["round"],
        issues=issues,
        labels=sum(issue in inside for issue, _rater in given),
        lacking={rater: count for rater, count in asked.items() if count},
        discussed=any(int(one.data["round"]) == number for one in decisions.events(DISCUSSED)),
    )


def next_sentence(folder: StudyFolder, state: PilotState, *, met: bool = False) -> str:
    """Say what a pilot waits for, with the command; `met` says that its target holds."""
    return next_step(folder, state, met=met).sentence


def next_step(folder: StudyFolder, state: PilotState, *, met: bool = False) -> NextStep:
    """Return what a pilot waits for; `met` says that its target holds."""
    if state.step is not PilotStep.LABEL:
        return NextStep(words=_between_rounds(folder, state, met=met))
    issues = counted(len(state.issues), "issue")
    return NextStep(
        words=f"Pilot round {state.round} is open; of its {issues} "
        f"{_lacking(folder, state.lacking)} to be labelled",
        step=Step.LABEL,
        pages=f"firstmile serve {as_argument(folder.path)}",
        more=_models(folder, state.lacking),
    )


def _between_rounds(folder: StudyFolder, state: PilotState, *, met: bool) -> str:
    """Say what a pilot waits for while no round is being labelled."""
    name = as_argument(folder.path)
    pilot = f"firstmile study pilot {name}"
    match state.step:
        case PilotStep.OPEN_FIRST:
            size = counted(folder.design.label.pilot, "issue")
            return f"No pilot round was opened yet; open the first, of {size}: {pilot} --open"
        case PilotStep.DISCUSS if met:
            return (
                f"Pilot round {state.round} is labelled by all and its target holds; end the "
                f"pilot, and all verified issues can be labelled: {pilot} --end"
            )
        case PilotStep.DISCUSS:
            return (
                f"Pilot round {state.round} is labelled by all; talk over where you differ "
                f"(firstmile study agree {name} says where), then say so: {pilot} --discussed"
            )
        case PilotStep.OPEN_NEXT if met:
            return (
                f"Pilot round {state.round} was discussed and its target holds; end the pilot: "
                f"{pilot} --end"
            )
        case PilotStep.OPEN_NEXT:
            return (
                f"Pilot round {state.round} was discussed; mend the codebook ({_codebook(folder)})"
                f", then open the next round: {pilot} --open"
            )
    return "The pilot has ended; all verified issues can be labelled now."


def _lacking(folder: StudyFolder, lacking: Mapping[str, int]) -> str:
    """Return who has how many issues: "ada has 2, ben has 1"."""
    return ", ".join(
        f"{visible(rater)} has {lacking[rater]:,}"
        for rater in folder.design.labellers()
        if rater in lacking
    )


def _models(folder: StudyFolder, lacking: Mapping[str, int]) -> tuple[str, ...]:
    """Return how the models among those who lack labels are asked."""
    models = [
        one.name
        for one in folder.design.raters
        if one.kind is RaterKind.MODEL and one.name in lacking
    ]
    return tuple(
        f"firstmile study label {as_argument(folder.path)} --rater {as_argument(name)}"
        for name in models
    )


def _codebook(folder: StudyFolder) -> str:
    if (folder.path / "codebook").is_dir():
        return f"in {as_argument(folder.path / 'codebook')}, under a new version"
    return f"firstmile study codebook {as_argument(folder.path)} --copy gives the study its own"
