"""Claims as data, and the verdict that the results give them."""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from firstmile.study.counts import without_terms
from firstmile.study.result_paths import NotFound, absence, look_up
from firstmile.taxonomy import Taxonomy, packaged_taxonomy

GIVES_IT: Final = "a source that gives it: "
"""What would change a condition that is not known, before what these failures lack."""

PREPRINT: Final = "Preprint arXiv 2601.13655"


class Verdict(StrEnum):
    """What the data say of a claim."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    NOT_SUPPORTED = "not supported"
    CANNOT_BE_JUDGED = "cannot be judged"


class State(StrEnum):
    """What the data say of one condition."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    NOT_KNOWN = "not known"
    NOT_IN_CODEBOOK = "not in the codebook"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a claim was made; `place` is the part of it."""

    title: str
    url: str
    place: str


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that the claim needs to be true.

    `measure` is a path into the results, such as
    `stage_differences.contrasts[category=environment].difference`; it leads to a number or to
    an object with estimate, low and high. `test` is one of TESTS. `exploratory` marks a
    condition chosen after seeing the data.
    """

    says: str
    measure: str
    test: str
    than: float
    exploratory: bool = False


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One claim: file name = id.

    `title` is a few words, `sentence` the claim in our words, `source` links to the original.
    The claim is supported when all conditions hold. `noise` names the conclusion of the
    label-noise analysis that stands for it, or is empty. `published_set_only` marks a claim
    about the published data set itself, which no other source can be judged by.
    """

    id: str
    title: str
    sentence: str
    source: Source
    analysis: str
    condition: tuple[Condition, ...]
    remark: str = ""
    noise: str = ""
    contradicts: tuple[str, ...] = ()
    published_set_only: bool = False


class JudgedCondition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition with the numbers that decided it."""

    condition: Condition
    state: State
    estimate: float | None
    low: float | None
    high: float | None
    would_change: str


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with its verdict.

    `noise_shares` says in which share of relabellings the conclusion `noise_says` (one that the
    claim rests on, not always the claim itself) holds, by noise rate.
    """

    claim: Claim
    verdict: Verdict
    conditions: tuple[JudgedCondition, ...]
    noise_rates: tuple[float, ...] = ()
    noise_shares: tuple[float, ...] = ()
    noise_says: str = ""


@cache
def load_claims() -> tuple[Claim, ...]:
    """Read the packaged claims, one file each: the preprint's first, then by place."""
    folder = files("firstmile.study") / "claims"
    claims = [
        read_claim(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(claims, key=lambda c: (c.source.title != PREPRINT, c.source.place, c.id)))


def read_claim(name: str, text: str) -> Claim:
    """Read one claim; raises msgspec.ValidationError where it is not complete."""
    claim = msgspec.convert(tomllib.loads(text) | {"id": name}, Claim)
    if not claim.condition:
        raise msgspec.ValidationError(f"{name}: a claim needs a condition that decides it")
    for condition in claim.condition:
        if condition.test not in TESTS:
            raise msgspec.ValidationError(f"{name}: unknown test {condition.test!r}")
    return claim


def judge(
    claim: Claim,
    results: Mapping[str, Any],
    *,
    missing: Mapping[str, str] | None = None,
    taxonomy: Taxonomy | None = None,
) -> Judgement:
    """Judge a claim by results in plain form (names to mappings, sequences and numbers).

    All conditions hold: supported. Some hold while others fail or are open: partly. None holds
    and one fails: not supported. Otherwise, with what could decide it open or not known: cannot
    be judged. So it is where `taxonomy`, the codebook of the labels, lacks a term that the claim
    names. `missing` says of analyses without a result why they have none.
    """
    lacking = terms_lacking(claim, taxonomy or packaged_taxonomy())
    if lacking:
        conditions = tuple(_not_in_codebook(condition, lacking) for condition in claim.condition)
    else:
        conditions = tuple(
            _judge_condition(condition, results, missing or {}) for condition in claim.condition
        )
    states = [item.state for item in conditions]
    curve = None if lacking else _noise(claim, results)
    return Judgement(
        claim=claim,
        verdict=verdict(states),
        conditions=conditions,
        noise_rates=tuple(look_up("label_noise.rates", results)) if curve else (),
        noise_shares=tuple(curve["shares"]) if curve else (),
        noise_says=curve["says"] if curve else "",
    )


_RESTS_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "pooled_infrastructure": ("crash", "environment", "distributed", "hardware"),
    "deployment_stack": ("environment", "configuration", "distributed", "hardware", "algorithm"),
    "stage_differences": ("fine-tuning", "inference"),
    "rank_differences.inference": ("inference", "crash", "incorrect"),
}
"""Terms that a measure rests on without naming them."""


def terms_of(claim: Claim) -> tuple[str, ...]:
    """Return the codes that a claim is about, as the codebook has them by which it was made."""
    made_by = packaged_taxonomy().by_code
    found: dict[str, None] = {}
    for condition in claim.condition:
        for start, codes in _RESTS_ON.items():
            if f"{condition.measure}.".startswith(f"{start}."):
                found |= dict.fromkeys(codes)
        values = re.findall(r"[\w-]+=([^,\]]+)", condition.measure)
        found |= dict.fromkeys(value for value in values if value in made_by)
    return tuple(found)


def terms_lacking(claim: Claim, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the codes that a claim is about and a codebook lacks."""
    return tuple(code for code in terms_of(claim) if code not in taxonomy.by_code)


def _not_in_codebook(condition: Condition, lacking: Sequence[str]) -> JudgedCondition:
    return JudgedCondition(
        condition=condition,
        state=State.NOT_IN_CODEBOOK,
        estimate=None,
        low=None,
        high=None,
        would_change=without_terms(lacking),
    )


def verdict(states: Sequence[State]) -> Verdict:
    """Return the verdict that the states of all conditions give."""
    if all(state is State.HOLDS for state in states):
        return Verdict.SUPPORTED
    if State.HOLDS in states and {State.FAILS, State.OPEN} & set(states):
        return Verdict.PARTLY
    if State.FAILS in states:
        return Verdict.NOT_SUPPORTED
    return Verdict.CANNOT_BE_JUDGED


def _judge_condition(
    condition: Condition, results: Mapping[str, Any], missing: Mapping[str, str]
) -> JudgedCondition:
    try:
        found = look_up(condition.measure, results)
    except NotFound:
        return _not_known(condition, absence(condition.measure, results, missing))
    try:
        estimate, low, high = _numbers(found)
    except NotFound as reason:
        return _not_known(condition, str(reason))
    state = TESTS[condition.test](low, high, condition.than)
    return JudgedCondition(
        condition=condition,
        state=state,
        estimate=_finite(estimate),
        low=_finite(low),
        high=_finite(high),
        would_change=_would_change(condition, state),
    )


def _not_known(condition: Condition, reason: str) -> JudgedCondition:
    return JudgedCondition(
        condition=condition,
        state=State.NOT_KNOWN,
        estimate=None,
        low=None,
        high=None,
        would_change=f"{GIVES_IT}{reason}",
    )


def _above(low: float, high: float, than: float) -> State:
    return State.HOLDS if low > than else State.FAILS if high < than else State.OPEN


def _below(low: float, high: float, than: float) -> State:
    return State.HOLDS if high < than else State.FAILS if low > than else State.OPEN


def _within(low: float, high: float, than: float) -> State:
    if -than <= low and high <= than:
        return State.HOLDS
    return State.FAILS if low > than or high < -than else State.OPEN


def _beyond(low: float, high: float, than: float) -> State:
    return {State.HOLDS: State.FAILS, State.FAILS: State.HOLDS}.get(
        _within(low, high, than), State.OPEN
    )


def _significant(low: float, high: float, than: float) -> State:
    return State.HOLDS if low < than else State.OPEN


def _equals(low: float, high: float, than: float) -> State:
    return State.HOLDS if low == high == than else State.FAILS


TESTS: Final = {
    "above": _above,
    "below": _below,
    "within": _within,
    "beyond": _beyond,
    "significant": _significant,
    "equals": _equals,
}
"""How an interval [low, high] (a bare number is its own interval) meets `than`.

above, below: the whole interval lies on that side; on the other side it fails. within: inside
[-than, than] holds, wholly outside fails (a claim of similarity with that margin); beyond is its
opposite. significant: a p value under `than` holds, and one above it is open, since the absence
of significance shows nothing. equals: exactly that number.
"""

_WANTED: Final = {
    "above": "an interval wholly above {than:g}",
    "below": "an interval wholly below {than:g}",
    "within": "an interval within {than:g} of zero",
    "beyond": "an interval wholly more than {than:g} from zero",
    "significant": "a p value under {than:g}",
    "equals": "exactly {than:g}",
}
"""What makes each test hold."""


def _would_change(condition: Condition, state: State) -> str:
    wanted = _WANTED[condition.test].format(than=condition.than)
    if state is State.HOLDS:
        return f"anything else than {wanted}"
    return wanted if state is State.FAILS else f"more failures, until {wanted} or the opposite"


def _numbers(found: Any) -> tuple[float, float, float]:
    if isinstance(found, Mapping):
        if found.get("estimate") is None and found.get("low") is None:
            raise NotFound("the estimate is not defined for these failures")
        estimate, low, high = found.get("estimate"), found.get("low"), found.get("high")
        return (
            math.inf if estimate is None else float(estimate),
            -math.inf if low is None else float(low),
            math.inf if high is None else float(high),
        )
    if not isinstance(found, int | float):
        raise NotFound("the measure leads to no number")
    return float(found), float(found), float(found)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _noise(claim: Claim, results: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not claim.noise:
        return None
    try:
        curve: Mapping[str, Any] = look_up(f"label_noise.curves[conclusion={claim.noise}]", results)
    except NotFound:
        return None
    return curve if curve["observed"] else None
