"""What it means that a single rater labels, in the same words wherever a study is looked at."""

from collections.abc import Sequence

from firstmile.rendering.inert import visible


def one_rater_sentence(labellers: Sequence[str]) -> str | None:
    """Say what a study gives up that names one labeller; None for none or several of them."""
    if len(labellers) != 1:
        return None
    return (
        f"Only {visible(labellers[0])} labels, so no figure of agreement can be published and how "
        "reliable the labels are stays unknown: name a second rater who labels in the study.toml, "
        "unless that is meant."
    )
