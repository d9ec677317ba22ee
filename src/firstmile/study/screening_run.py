"""The screen of a study as it goes on: the order of reading, its end, and what was missed."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.files import write_whole
from firstmile.rendering.inert import visible
from firstmile.study.command_words import as_argument
from firstmile.study.decisions import Decisions, Step, screen_of
from firstmile.study.design import Design
from firstmile.study.estimates import listed
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import DISCARDED, Funnel, Place, counting
from firstmile.study.overview import AUDIT, FROZEN, audit_work, make_overview
from firstmile.study.queues import RANKING
from firstmile.study.screening.ranking import rank, read_features
from firstmile.study.screening.recall import (
    Discarded,
    RecallBound,
    bound_recall,
    draw_sample,
    sample_size,
    spend,
)
from firstmile.study.wording import counted

KEPT: Final = (
    Place.TO_VERIFY,
    Place.TO_LABEL,
    Place.TO_ADJUDICATE,
    Place.UNTOLD,
    Place.LABELLED,
)
"""Where issues stand that the screen kept and verification did not throw out."""


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """What freezing would do: what nobody read and is given up, and the sample that is drawn.

    `discarded` is what the sample is drawn from, `issues` the sample in the order of reading.
    `look` counts this sample and those before it, `looks` those that the study planned. `stands`
    says that nothing changed since the last sample was drawn: it is this one, and not drawn again.
    `asked` says who is to read the sample, and how long that takes.
    """

    given_up: tuple[str, ...]
    discarded: tuple[str, ...]
    issues: tuple[str, ...]
    look: int
    looks: int
    stands: bool
    asked: str = ""

    def sentence(self) -> str:
        """Say what will happen."""
        if self.stands:
            return (
                "Nothing was discarded or given up differently since the last sample was drawn: "
                "it stands, and no other one is drawn."
            )
        said = (
            f"Freezing ends the reading for good: {counted(len(self.given_up), 'issue')} that "
            f"nobody has read will be given up, and a random sample of {len(self.issues):,} of the "
            f"{counted(len(self.discarded), 'discarded issue')} will be drawn for the audit"
            f"{self.asked}. It cannot be undone."
        )
        if self.look > self.looks:
            said += (
                f" This would be look {self.look} and the study plans {self.looks}, so the stated "
                "confidence would not hold for all of them together."
            )
        return said


def plan_freeze(folder: StudyFolder, decisions: Decisions) -> Freeze:
    """Return what freezing would do now.

    The sample is drawn at random from everything that was discarded, the keyword screen's part
    included, in an order that the study's seed fixes. Raises UserError while issues are half
    screened: they would be discarded after the sample was drawn.
    """
    funnel = make_overview(folder, decisions).funnel
    waiting = funnel.at(Place.TO_SCREEN, Place.NOT_RANKED_HIGH)
    if half := _half_screened(folder, decisions, waiting):
        raise UserError(half)
    discarded = sorted({*waiting, *funnel.at(*DISCARDED)})
    size = min(folder.design.screen.audit, len(discarded))
    order = draw_sample(
        len(discarded),
        size,
        seed=folder.design.study.seed,
        draw=_populations(decisions, discarded),
    )
    issues = [discarded[place] for place in order]
    stands = _stands(decisions, waiting, discarded, issues)
    return Freeze(
        given_up=tuple(sorted(waiting)),
        discarded=tuple(discarded),
        issues=tuple(issues),
        look=len(decisions.events(AUDIT)) + (not stands),
        looks=folder.design.screen.looks,
        stands=stands,
        asked=f", to be read {audit_work(size, folder.design)}" if size else "",
    )


def _populations(decisions: Decisions, discarded: Sequence[str]) -> int:
    """Return how many populations samples were drawn from, this one included.

    While the same issues are discarded it is the same one, so that a larger audit extends the
    sample that was read.
    """
    drawn: list[Sequence[str] | None] = [
        event.data.get("discarded") for event in decisions.events(AUDIT)
    ]
    changes: int = sum(one != other for one, other in pairwise([*drawn, discarded]))
    return 1 + changes


def _half_screened(folder: StudyFolder, decisions: Decisions, waiting: Sequence[str]) -> str:
    """Return who is behind in the screen with how many issues, empty where nobody is."""
    screeners, said = folder.design.screeners(), dict[str, set[str]]()
    for one in decisions.current(Step.SCREEN):
        if one.rater in screeners:
            said.setdefault(one.issue, set()).add(one.rater)
    half = [said[url] for url in waiting if url in said]
    if not half:
        return ""
    behind = ", ".join(
        f"{visible(name)} has {count:,} still to decide on"
        for name in screeners
        if (count := sum(name not in raters for raters in half))
    )
    return (
        f"{counted(len(half), 'issue is', 'issues are')} half screened, which a freeze would "
        f"discard without an audit; {behind}: firstmile serve {as_argument(folder.path)}, then "
        "freeze."
    )


def _stands(
    decisions: Decisions,
    waiting: Sequence[str],
    discarded: Sequence[str],
    issues: Sequence[str],
) -> bool:
    """Whether the last freeze gave up what is waiting and drew this sample from the same issues."""
    frozen, drawn = decisions.events(FROZEN), decisions.events(AUDIT)
    if not frozen or not drawn:
        return False
    return (
        set(waiting) <= set(frozen[-1].data.get("given_up", ()))
        and drawn[-1].data.get("discarded") == discarded
        and drawn[-1].data["issues"] == issues
    )


def freeze_ranking(
    folder: StudyFolder, decisions: Decisions, *, at: datetime, agreed: Freeze | None = None
) -> int:
    """End the screen: give up what nobody read, draw the audit's sample; return its size.

    What was discarded is written down, since the sample says nothing of what is discarded later.
    Where nothing changed since the last sample was drawn, that one stands. `agreed` is what the
    user was asked about. Raises UserError where it would not be that any more, and while issues
    are half screened.
    """
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    # No rater decides between the plan and its record, and no end is without its sample.
    with decisions.together():
        planned = plan_freeze(folder, decisions)
        if agreed is not None and planned != agreed:
            raise UserError(
                "The study changed meanwhile, so nothing was frozen: give the command again to be "
                "asked about the study as it is now."
            )
        if not planned.stands:
            decisions.note(FROZEN, {"given_up": planned.given_up}, at=time)
            decisions.note(
                AUDIT,
                {
                    "issues": planned.issues,
                    "population": len(planned.discarded),
                    "discarded": planned.discarded,
                },
                at=time,
            )
    return len(planned.issues)


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """How far the latest audit is: what keeps it from saying what was missed, and what it found.

    `later` counts issues that were discarded after the sample was drawn, `unread` those of the
    sample that no rater has read, `recovered` what earlier audits brought back.
    """

    discarded: frozenset[str]
    sample: tuple[str, ...]
    failures: int
    later: int
    unread: int
    to_screen: int
    to_verify: int
    recovered: int


def read_audit(decisions: Decisions, funnel: Funnel, design: Design) -> Audit | None:
    """Return how far the latest audit is; None where no sample was drawn.

    A sampled issue counts as a failure as soon as one rater says that it is one, unless
    verification threw it out again.
    """
    drawn = decisions.events(AUDIT)
    if not drawn:
        return None
    said: dict[str, bool] = {}
    for one in counting(decisions.current(Step.AUDIT), Step.AUDIT, design):
        said[one.issue] = said.get(one.issue, False) or screen_of(one).include
    sample = tuple(drawn[-1].data["issues"])
    discarded = frozenset(drawn[-1].data.get("discarded", ()))
    thrown_out = frozenset(funnel.at(Place.VERIFIED_OUT))
    return Audit(
        discarded=discarded,
        sample=sample,
        failures=sum(said.get(url, False) and url not in thrown_out for url in sample),
        later=sum(url not in discarded for url in funnel.at(*DISCARDED)),
        unread=sum(url not in said for url in sample),
        to_screen=len(funnel.at(Place.TO_SCREEN)),
        to_verify=len(funnel.at(Place.TO_VERIFY)),
        recovered=sum(said.get(url, False) and url not in discarded for url in funnel.at(*KEPT)),
    )


def audit_bound(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> RecallBound | None:
    """Bound what was missed, from the latest audit; None until all that it needs is known.

    It needs every sampled issue read, nothing discarded since the sample was drawn, and nothing
    waiting to be screened or verified. Found are the issues that stand in `KEPT` and had not
    been discarded: what this audit brought back was missed by the screen.
    """
    audit = read_audit(decisions, funnel, folder.design)
    if audit is None or audit.later or audit.unread or audit.to_screen or audit.to_verify:
        return None
    if audit.discarded and not audit.sample:
        return None
    step = Discarded(
        step="all that was discarded",
        discarded=len(audit.discarded),
        sampled=len(audit.sample),
        failures=audit.failures,
    )
    found = sum(url not in audit.discarded for url in funnel.at(*KEPT))
    return bound_recall([step], found=found, confidence=look_confidence(folder))


def look_confidence(folder: StudyFolder) -> float:
    """Return the confidence of one look, so that all planned looks hold at once as stated."""
    screen = folder.design.screen
    return spend(screen.looks, confidence=screen.confidence)[0]


def recall_sentences(folder: StudyFolder, decisions: Decisions, funnel: Funnel) -> list[str]:
    """Say what is known of the failures that the screen missed."""
    screen = folder.design.screen
    audit = read_audit(decisions, funnel, folder.design)
    if audit is not None:
        bound = audit_bound(folder, decisions, funnel)
        if bound is None:
            return _not_yet(folder, audit)
        said = [_bounded(bound, recovered=audit.recovered)]
        looks = len(decisions.events(AUDIT))
        if looks > screen.looks:
            said.append(
                f"This was look {looks}, but the study planned {screen.looks}: the stated "
                "confidence does not hold for all of them together."
            )
        return said
    found, discarded = len(funnel.at(*KEPT)), len(funnel.at(*DISCARDED, Place.TO_SCREEN))
    if not found or not discarded:
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
        f"If it ended now, a sample of {wanted.sample:,} of "
        f"{counted(discarded, 'discarded issue')} "
        f"without a failure would show a recall of {screen.recall:.0%}; the study plans "
        f"{screen.audit:,}."
    ]


def _bounded(bound: RecallBound, *, recovered: int) -> str:
    if not bound.discarded:
        return "Nothing was discarded when the screen ended, so it missed no failure."
    who = "the screen and earlier audits" if recovered else "the screen"
    return (
        f"Of {counted(bound.discarded, 'discarded issue')} "
        f"{counted(bound.sampled, 'was', 'were')} sampled and "
        f"{counted(bound.failures_in_sample, 'of those is a failure', 'of those are failures')}: "
        f"with {bound.confidence:.0%} confidence at most "
        f"{counted(bound.missed_at_most, 'was', 'were')} missed, so {who} found at "
        f"least {bound.recall_at_least:.1%} of all failures."
    )


def _not_yet(folder: StudyFolder, audit: Audit) -> list[str]:
    """Say why it is not known yet what was missed."""
    anew = f"draw anew: firstmile study screen {as_argument(folder.path)} --freeze"
    if audit.later:
        later = counted(audit.later, "issue was", "issues were")
        return [f"{later} discarded after the sample was drawn; {anew}"]
    if audit.discarded and not audit.sample:
        return [
            f"No sample of the {counted(len(audit.discarded), 'discarded issue')} was drawn, so it "
            f"is not known what was missed; set screen.audit in study.toml above 0 and {anew}"
        ]
    open_steps = [
        f"{counted(count, f'issue{which} is', f'issues{which} are')} {done}"
        for count, which, done in (
            (audit.unread, " of the random sample", "read"),
            (audit.to_screen, "", "screened"),
            (audit.to_verify, "", "verified"),
        )
        if count
    ]
    return [f"What the screen missed is known once {listed(open_steps)}."] if open_steps else []


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
