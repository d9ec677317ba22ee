"""Verdicts and the numbers behind them, in words."""

from collections.abc import Sequence
from typing import Final

from firstmile.study.estimates import count_of, listed, p_value
from firstmile.study.judging import JudgedCondition, Judgement, State, Verdict

MOST_DECIMALS: Final = 8
"""A bound gets more than three decimals, up to these, where it would round onto what is tested."""


def reason(judgement: Judgement) -> str:
    """Say in one sentence why a claim got its verdict."""
    conditions = judgement.conditions
    if conditions[0].state is State.NOT_IN_CODEBOOK:
        return f"Cannot be judged: {conditions[0].would_change}."
    if len(conditions) == 1:
        return f"{conditions[0].condition.says}: this {_state_words(conditions[0].state)}."
    parts = [
        f"{number} {_state_words(state, plural=number > 1)}"
        for state in State
        if (number := sum(item.state is state for item in conditions))
    ]
    if len(parts) == 1:
        return f"All {len(conditions)} conditions: each {_state_words(conditions[0].state)}."
    return f"Of {len(conditions)} conditions {listed(parts)}."


def _state_words(state: State, *, plural: bool = False) -> str:
    one, many = {
        State.HOLDS: ("holds", "hold"),
        State.FAILS: ("fails", "fail"),
        State.OPEN: ("is open (the interval allows both)", "are open (the intervals allow both)"),
        State.NOT_KNOWN: ("is not known from this source", "are not known from this source"),
        State.NOT_IN_CODEBOOK: ("is not in the codebook", "are not in the codebook"),
    }[state]
    return many if plural else one


def shown(item: JudgedCondition) -> str:
    """Write a condition's estimate with its interval."""
    if item.state in (State.NOT_KNOWN, State.NOT_IN_CODEBOOK):
        return "not known"
    if item.condition.test == "significant" and item.estimate is not None:
        return p_value(item.estimate)
    if item.estimate is not None and item.low == item.estimate == item.high:
        return count_of(item.estimate)
    decimals = 3
    bounds = [bound for bound in (item.low, item.high) if bound is not None]
    while decimals < MOST_DECIMALS and any(
        bound != item.condition.than and round(bound, decimals) == item.condition.than
        for bound in bounds
    ):
        decimals += 1
    parts = [
        "unbounded" if value is None else f"{value:.{decimals}f}"
        for value in (item.estimate, item.low, item.high)
    ]
    return f"{parts[0]} [{parts[1]}, {parts[2]}]"


def tally(judgements: Sequence[Judgement]) -> str:
    """Say how many claims have which verdict."""
    words = {
        Verdict.SUPPORTED: "supported",
        Verdict.PARTLY: "partly supported",
        Verdict.NOT_SUPPORTED: "not supported",
        Verdict.CANNOT_BE_JUDGED: "beyond judging with these data",
    }
    parts = [
        f"{number} {'is' if number == 1 else 'are'} {words[kind]}"
        for kind in Verdict
        if (number := sum(j.verdict is kind for j in judgements))
    ]
    return f"Of {len(judgements)} published claims, {listed(parts)}."
