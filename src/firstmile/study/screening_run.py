"""The screen of a study as it goes on: the order of reading, its end, and what was missed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from firstmile.rendering.files import write_whole
from firstmile.study.decisions import Decisions, Step, screen_of
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import DISCARDED, Funnel, Place
from firstmile.study.overview import FROZEN, make_overview
from firstmile.study.queues import AUDIT, RANKING
from firstmile.study.screening.ranking import rank, read_features
from firstmile.study.screening.recall import (
    Discarded,
    RecallBound,
    bound_recall,
    draw_sample,
    sample_size,
    spend,
)

KEPT: Final = (
    Place.TO_VERIFY,
    Place.TO_LABEL,
    Place.TO_ADJUDICATE,
    Place.UNTOLD,
    Place.LABELLED,
)
"""Where issues stand that the screen kept and verification did not throw out."""


def freeze_ranking(folder: StudyFolder, decisions: Decisions, *, at: datetime) -> int:
    """End the screen: give up what nobody read, draw the audit's sample; return its size.

    The sample is drawn at random from everything that was discarded, the keyword screen's part
    included, in an order that the study's seed fixes.
    """
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    history = decisions.history(step=Step.SCREEN)
    decisions.note(FROZEN, {"decisions": history[-1].id if history else 0}, at=time)
    funnel = make_overview(folder, decisions).funnel
    discarded = sorted(funnel.at(*DISCARDED))
    size = min(folder.design.screen.audit, len(discarded))
    drawn = [
        discarded[place]
        for place in draw_sample(len(discarded), size, seed=folder.design.study.seed)
    ]
    decisions.note(AUDIT, {"issues": drawn, "population": len(discarded)}, at=time)
    return size


def audit_bound(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> RecallBound | None:
    """Bound what the screen missed, from the latest audit; None before it is read whole.

    A sampled issue counts as a failure as soon as one rater says that it is one. Found are the
    issues that stand in `KEPT`: before verification ends that overstates what was found.
    """
    drawn = decisions.events(AUDIT)
    if not drawn:
        return None
    said: dict[str, bool] = {}
    for one in decisions.current(Step.AUDIT):
        said[one.issue] = said.get(one.issue, False) or screen_of(one).include
    sample = drawn[-1].data["issues"]
    if any(url not in said for url in sample):
        return None
    step = Discarded(
        step="all that was discarded",
        discarded=int(drawn[-1].data["population"]),
        sampled=len(sample),
        failures=sum(said[url] for url in sample),
    )
    return bound_recall([step], found=len(funnel.at(*KEPT)), confidence=look_confidence(folder))


def look_confidence(folder: StudyFolder) -> float:
    """Return the confidence of one look, so that all planned looks hold at once as stated."""
    screen = folder.design.screen
    return spend(screen.looks, confidence=screen.confidence)[0]


def recall_sentences(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> list[str]:
    """Say what is known of the failures that the screen missed."""
    screen = folder.design.screen
    drawn = decisions.events(AUDIT)
    bound = audit_bound(folder, decisions, funnel)
    if bound is not None:
        said = [
            f"Of {bound.discarded:,} discarded issues {bound.sampled:,} were sampled and "
            f"{bound.failures_in_sample:,} of those are failures: with {bound.confidence:.0%} "
            f"confidence at most {bound.missed_at_most:,} were missed, so the screen found at "
            f"least {bound.recall_at_least:.1%} of all failures."
        ]
        if len(drawn) > screen.looks:
            said.append(
                f"This was look {len(drawn)}, but the study planned {screen.looks}: the stated "
                "confidence does not hold for all of them together."
            )
        return said
    if drawn:
        read = {one.issue for one in decisions.current(Step.AUDIT)}
        left = sum(url not in read for url in drawn[-1].data["issues"])
        return [f"{left:,} issues of the random sample of what was discarded wait to be read."]
    found, discarded = len(funnel.at(*KEPT)), len(funnel.at(*DISCARDED, Place.TO_SCREEN))
    if not found:
        return []
    wanted = sample_size(
        discarded=discarded,
        found=found,
        target_recall=screen.recall,
        confidence=look_confidence(folder),
    )
    if wanted is None:
        return []
    return [
        f"If it ended now, a sample of {wanted.sample:,} of {discarded:,} discarded issues "
        f"without a failure would show a recall of {screen.recall:.0%}; the study plans "
        f"{screen.audit:,}."
    ]


def rank_unread(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> Sequence[str]:
    """Order what waits to be screened, likeliest failure first, and write the order down."""
    waiting = set(funnel.at(Place.TO_SCREEN))
    said: dict[str, bool] = {}
    for one in decisions.current(Step.SCREEN):
        said[one.issue] = said.get(one.issue, False) or screen_of(one).include
    table = folder.store.table(["url", "title", "body", "repository"])
    rows = [row for row in table.to_pylist() if row["url"] in waiting or row["url"] in said]
    urls = [row["url"] for row in rows]
    features = read_features(
        [f"{row['title']}\n{row['body']}" for row in rows],
        repositories=[row["repository"] for row in rows],
    )
    decided = [said.get(url) for url in urls]
    ranking = rank(features, decided, seed=folder.design.study.seed)
    ordered = [urls[place] for place in ranking.order if urls[place] in waiting]
    write_whole(folder.store.folder / RANKING, msgspec.json.encode(ordered))
    return ordered
