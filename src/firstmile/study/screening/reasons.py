"""Why an issue is left out: the reasons a rater picks from, and the one a machine gives."""

from typing import Final, Literal

import msgspec

Step = Literal["keywords", "description", "thread"]

STEPS: Final[tuple[Step, ...]] = ("keywords", "description", "thread")


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason to leave an issue out.

    `id` is what decisions store; `definition` says when it applies and `boundary` what it is
    told apart from. `steps` are those in which it may be given; `by_machine` marks a reason that
    no rater gives.
    """

    id: str
    label: str
    definition: str
    boundary: str
    steps: tuple[Step, ...] = ("description", "thread")
    by_machine: bool = False


REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        id="question",
        label="Question",
        definition="Asks how something is done, what is supported or what to expect; nothing "
        "that was tried went wrong.",
        boundary='A "how do I" that describes a run that failed is a failure, whatever its title.',
    ),
    Reason(
        id="feature-request",
        label="Feature request",
        definition="Asks for behavior that was never promised: a new model, option, platform, "
        "speed or interface; proposals and plans too.",
        boundary="Documented behavior that is absent or broken is a failure; so is a stated "
        "speed that is not reached.",
    ),
    Reason(
        id="documentation",
        label="Documentation",
        definition="Only a text is wrong, missing or unclear: instructions, a model card, a "
        "comment, a translation, a dead link.",
        boundary="If following the text made a run fail, it is a failure.",
    ),
    Reason(
        id="out-of-scope",
        label="Out of scope",
        definition="A failure, but not of deploying, fine-tuning or running the model: "
        "pre-training, data collection, a hosted service, a web site, an account, a benchmark's "
        "score, a project's own tests.",
        boundary="Serving the model oneself is in scope, whichever engine does it.",
    ),
    Reason(
        id="duplicate",
        label="Duplicate",
        definition="Reports the same failure with the same cause as another issue in the study.",
        boundary="The same error message with another cause is not a duplicate.",
    ),
    Reason(
        id="not-enough-information",
        label="Not enough information",
        definition="Something may have failed, but what happened can't be told from the text: "
        "empty, an image alone, a title alone, a link that is gone.",
        boundary="An unknown root cause is no ground: a stated symptom is enough to keep it.",
    ),
    Reason(
        id="not-a-failure",
        label="Not a failure or other",
        definition="None of the above: thanks, announcements, discussions, tests of the tracker, "
        "advertisement, or behavior the author later found to be as intended.",
        boundary="A user's own mistake that made a run fail is a failure.",
    ),
    Reason(
        id="no-keyword",
        label="No keyword",
        definition="Neither title nor description holds a word of the stated list.",
        boundary="Given by the keyword screen alone; a sample of these is read for the recall "
        "guarantee.",
        steps=("keywords",),
        by_machine=True,
    ),
)

NO_KEYWORD: Final = "no-keyword"


def reasons_for(step: Step) -> tuple[Reason, ...]:
    """Return the reasons that may be given in a step, in the order they are offered."""
    return tuple(reason for reason in REASONS if step in reason.steps)


def find_reason(identifier: str) -> Reason | None:
    """Return the reason with an id; None where there is none."""
    return next((reason for reason in REASONS if reason.id == identifier), None)
