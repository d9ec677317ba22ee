"""Whether the latest pilot round reached its target, and what is said where it did not.

Only that round is looked at, so it takes as long in a large study as in a small one.
"""

import msgspec

from firstmile.study.agreement import Pilot, Target, first_round, pilot
from firstmile.study.agreement.report import missed_sentence
from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.next_step import NextStep
from firstmile.study.pilot_order import PILOT, PilotState, PilotStep, next_step
from firstmile.study.rounds import FEWEST_DRAWS, talked
from firstmile.study.settings import Settings


def latest_round(folder: StudyFolder, decisions: Decisions, state: PilotState) -> Pilot:
    """Return the pilot as if its latest labelled round were its only one, by first labels."""
    design = folder.design
    history = [
        one for step in (Step.LABEL, Step.ADJUDICATE) for one in decisions.history(step=step)
    ]
    discussed = talked(decisions)
    given = first_round(sorted(history, key=lambda one: one.id), discussed=discussed)
    number = max((one.round for one in given.ratings), default=state.round)
    own = given.where(round_number=number)
    return pilot(
        own,
        own,
        Settings(seed=design.study.seed, bootstraps=FEWEST_DRAWS),
        target=Target(at=design.label.target),
        size=design.label.pilot,
        sizes={
            int(event.data["round"]): len(event.data["issues"])
            for event in decisions.events(PILOT)
            if event.data["round"]
        },
        raters=design.labellers(),
        codebook=folder.taxonomy,
        discussed=discussed,
        ended=state.ended,
        ecosystem=design.study.ecosystem,
    )


def pilot_steps(folder: StudyFolder, decisions: Decisions, state: PilotState) -> list[NextStep]:
    """Return what a pilot that was begun waits for, after that its target was missed, if it was.

    Of a pilot that has ended with its target met there is nothing to be said.
    """
    if state.step is PilotStep.LABEL:
        return [next_step(folder, state)]
    found = latest_round(folder, decisions, state)
    missed = missed_sentence(found)
    if state.step is not PilotStep.NOTHING:
        following = next_step(folder, state, met=missed is None)
        words = following.words if missed is None else f"{missed} {following.words}"
        return [msgspec.structs.replace(following, words=words)]
    if missed is None:
        return []
    return [
        NextStep(
            words=f"{missed} The pilot was ended all the same, so expect more to adjudicate; to "
            "mend the codebook and label another round first: firstmile study pilot "
            f"{as_argument(folder.path)} --open --again"
        )
    ]
