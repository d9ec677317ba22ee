"""What a page says once nothing waits for its rater: what is finished, and what comes next."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from firstmile.study.decisions import Step
from firstmile.study.next_step import NextStep
from firstmile.study.overview import AUDIT
from firstmile.study.rounds import told_at_end
from firstmile.study.screening_run import recall_sentences
from firstmile.study.wording import counted
from firstmile.ui.web.coming import coming, in_parts, overview_of
from firstmile.ui.web.rating import waiting
from firstmile.ui.web.site import Site, locked

EMPTY: Final[Mapping[Step, str]] = {
    Step.SCREEN: "Nothing waits to be screened by you.",
    Step.VERIFY: "Nothing waits to be verified by you: an issue comes here once a rater of the "
    "screen has included it.",
    Step.AUDIT: "No sample of what was discarded was drawn yet. It is drawn when the screen is "
    "frozen, and then read here.",
    Step.LABEL: "Nothing waits to be labelled by you: an issue comes here once a rater who read "
    "the whole thread has included it.",
    Step.ADJUDICATE: "No disagreement waits: an issue comes here once all raters have labelled it "
    "and differ.",
}


@locked
def ending(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the empty page of a step says, in plain form.

    `next` is what the study as a whole waits for, where nothing else waits for this rater.
    """
    step, rater, progress = Step(data["step"]), data["rater"], data["progress"]
    done, elsewhere = progress["done"], progress["elsewhere"]
    heading, said = "All done" if done or elsewhere else "Nothing here yet", [EMPTY[step]]
    if elsewhere and step is not Step.AUDIT:
        said.insert(0, f"Others have settled {counted(elsewhere, 'issue')} that you need not.")
    if step is Step.AUDIT and AUDIT in site.ledger.events:
        heading, said = _audited(site, done, elsewhere)
    elif step is Step.LABEL and site.queues.round() and done:
        there = frozenset(site.queues.urls)
        heading, sentences = site.remembered(
            f"end of round of {rater}",
            lambda: told_at_end(site.folder, site.decisions, rater, there=there),
        )
        said = list(sentences)
    others = waiting(site, rater)
    return {
        "heading": heading,
        "said": said,
        "elsewhere": others,
        "next": [one.sentence for one in _not_said(site, said)] if not others else [],
    }


def _not_said(site: Site, said: Sequence[str]) -> list[NextStep]:
    """Return what the study waits for, but what the page has `said` already."""
    told = tuple(one.rstrip(".") for one in said)
    return [one for one in overview_of(site).coming if not one.sentence.startswith(told)]


def ending_view(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template of an empty page needs beside the data."""
    # No links: what the study waits for is nothing that waits for this rater.
    said = data["ending"]["said"]
    following = () if data["ending"]["elsewhere"] else _not_said(site, said)
    return {
        "said": [in_parts(site, sentence) for sentence in said],
        "next": coming(site, following, ()),
    }


def _audited(site: Site, mine: int, others: int) -> tuple[str, list[str]]:
    """Say that the sample is read, and what is known by it of what was missed."""
    bound = recall_sentences(site.folder, site.decisions, overview_of(site).funnel)
    if not mine + others:
        return "There is nothing to audit", bound
    who = f"{mine:,} by you, {others:,} by others" if others else "by you"
    sample = counted(mine + others, "issue")
    return "The audit is finished", [f"The random sample of {sample} is read: {who}.", *bound]
