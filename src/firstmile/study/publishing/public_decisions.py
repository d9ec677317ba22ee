"""Decisions as they may be published: under a pseudonym, by day, redacted, reasons from a list."""

import re
from datetime import date
from typing import Any, Final

from firstmile.study.decisions import (
    Decision,
    LabelValue,
    ScreenValue,
    Step,
    label_of,
    screen_of,
)
from firstmile.study.funnel import given_reasons, one_reason
from firstmile.study.publishing.dataset import DuplicateJudgement, RaterDecision
from firstmile.study.publishing.words import Words
from firstmile.study.same_failure import Judgement
from firstmile.study.screening.reasons import find_reason

OTHER: Final = "other"
"""Stands for a reason that the list of reasons does not have: it may be anybody's words."""

_ENDPOINT: Final = re.compile(r"^(by the model .*) at \S+(, prompt \S+, temperature )")
"""The host that the reason of a model's label named in older versions: a place in a network."""


def public_decision(one: Decision, rater: str, words: Words) -> RaterDecision:
    """Return a decision as its line of the published record says it; `rater` is a pseudonym."""
    known: dict[str, Any] = {}
    if one.value is None:
        known["withdrawn"] = True
    elif one.step in (Step.LABEL, Step.ADJUDICATE):
        known = _labels(label_of(one), one.issue, words)
    else:
        known = _screened(screen_of(one), words)
    return RaterDecision(
        order=one.id,
        issue=one.issue,
        step=one.step,
        rater=rater,
        codebook=one.codebook,
        day=date.fromisoformat(one.at[:10]),
        round=one.round,
        explanation=words.own(_ENDPOINT.sub(r"\1\2", one.reason)),
        **known,
    )


def public_judgement(one: Judgement, rater: str, words: Words, *, order: int) -> DuplicateJudgement:
    """Return a judgement on two issues as its line of the published record says it."""
    return DuplicateJudgement(
        order=order,
        first=one.first,
        second=one.second,
        same=one.same,
        rater=rater,
        day=date.fromisoformat(one.at[:10]),
        explanation=words.own(one.reason),
    )


def _labels(value: LabelValue, issue: str, words: Words) -> dict[str, Any]:
    return {
        "symptom": value.symptom,
        "cause": value.cause,
        "stage": value.stage,
        "confidence": value.confidence.value,
        "cannot_tell": value.cannot_tell,
        "suggested": value.suggested,
        "quote": words.quote(value.quote, issue),
        "note": words.own(value.note),
    }


def _screened(value: ScreenValue, words: Words) -> dict[str, Any]:
    return {
        "include": value.include,
        "reason": None if value.reason is None else _listed(value.reason),
        "note": words.own(value.note),
    }


def public_reason(reason: str) -> str:
    """Return the reason of a step of raters, with each of them where they gave different ones."""
    return one_reason(_listed(one) for one in given_reasons(reason))


def _listed(reason: str) -> str:
    return reason if find_reason(reason) else OTHER
