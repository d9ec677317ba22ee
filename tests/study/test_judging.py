"""Rules, verdicts and paths: what a number or an interval says of a claim."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.judging import (
    TESTS,
    Claim,
    Condition,
    Source,
    State,
    Verdict,
    judge,
    verdict,
)
from firstmile.study.result_paths import NotFound, look_up
from firstmile.study.verdict_words import shown

CLAIM = Claim(
    id="some_claim",
    title="Some claim",
    sentence="Some claim.",
    source=Source(title="T", url="https://example.org", place="P"),
    analysis="cause_shares",
    condition=(Condition(says="S", measure="a", test="above", than=1.0),),
)

STATES = st.lists(st.sampled_from(list(State)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ("holds", "supported"),
        ("holds holds", "supported"),
        ("holds fails", "partly"),
        ("holds open", "partly"),
        ("holds unknown", "cannot be judged"),
        ("holds open unknown", "partly"),
        ("fails", "not supported"),
        ("fails open", "not supported"),
        ("fails unknown", "not supported"),
        ("open", "cannot be judged"),
        ("unknown", "cannot be judged"),
        ("open unknown", "cannot be judged"),
    ],
)
def test_the_verdict_that_states_give(states: str, wanted: str) -> None:
    named = {"unknown": State.NOT_KNOWN}
    given_states = [named.get(name) or State(name) for name in states.split()]
    assert verdict(given_states) == wanted
    assert verdict(given_states[::-1]) == wanted


@given(STATES)
def test_one_more_condition_that_holds_never_weakens_a_verdict(states: list[State]) -> None:
    order = [Verdict.NOT_SUPPORTED, Verdict.CANNOT_BE_JUDGED, Verdict.PARTLY, Verdict.SUPPORTED]
    assert order.index(verdict([*states, State.HOLDS])) >= min(
        order.index(verdict(states)), order.index(Verdict.PARTLY)
    )


numbers = st.floats(-10, 10, allow_nan=False)
intervals = st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair)))
INTERVAL_TESTS = ("above", "below", "within", "beyond")


@given(intervals, numbers)
def test_an_interval_wholly_on_a_side_holds_there_and_fails_on_the_other(
    interval: tuple[float, float], than: float
) -> None:
    low, high = interval
    above, below = TESTS["above"](low, high, than), TESTS["below"](low, high, than)
    if low > than:
        assert (above, below) == (State.HOLDS, State.FAILS)
    elif high < than:
        assert (above, below) == (State.FAILS, State.HOLDS)
    else:
        assert (above, below) == (State.OPEN, State.OPEN)


@given(intervals, st.floats(0, 10))
def test_an_interval_inside_the_margin_is_within_and_one_outside_is_beyond(
    interval: tuple[float, float], margin: float
) -> None:
    low, high = interval
    within, beyond = TESTS["within"](low, high, margin), TESTS["beyond"](low, high, margin)
    if max(abs(low), abs(high)) <= margin:
        assert (within, beyond) == (State.HOLDS, State.FAILS)
    elif low > margin or high < -margin:
        assert (within, beyond) == (State.FAILS, State.HOLDS)
    else:
        assert (within, beyond) == (State.OPEN, State.OPEN)


@given(intervals, st.floats(0, 10), st.floats(0, 5), st.floats(0, 5))
def test_widening_an_interval_never_decides_what_was_open(
    interval: tuple[float, float], than: float, less: float, more: float
) -> None:
    low, high = interval
    for name in INTERVAL_TESTS:
        narrow = TESTS[name](low, high, than)
        wide = TESTS[name](low - less, high + more, than)
        assert wide in (narrow, State.OPEN)


def test_the_margin_itself_is_inside() -> None:
    assert TESTS["within"](0.0, 0.1, 0.1) is State.HOLDS
    assert TESTS["within"](0.0, 0.1000001, 0.1) is State.OPEN
    assert TESTS["within"](0.1, 0.3, 0.1) is State.OPEN
    assert TESTS["within"](0.1000001, 0.3, 0.1) is State.FAILS
    assert TESTS["above"](0.5, 0.6, 0.5) is State.OPEN


@given(st.floats(0, 1))
def test_a_p_value_shows_a_difference_or_nothing(p: float) -> None:
    state = TESTS["significant"](p, p, 0.05)
    assert state is (State.HOLDS if p < 0.05 else State.OPEN)


def test_only_the_very_number_is_equal() -> None:
    assert TESTS["equals"](161, 161, 161) is State.HOLDS
    assert TESTS["equals"](161, 162, 161) is State.FAILS
    assert TESTS["equals"](171, 171, 161) is State.FAILS


SOME = {
    "a": {"b": [{"c": "x", "d": None, "e": 1}, {"c": "Qwen2.5", "d": "y", "e": 2}], "n": None},
}


def test_a_path_picks_the_first_item_that_matches() -> None:
    assert look_up("a.b[c=x,d=none].e", SOME) == 1
    assert look_up("a.b[c=Qwen2.5].e", SOME) == 2
    assert look_up("a.b[e=2].d", SOME) == "y"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("z.b", "no z in these results"),
        ("a.z", "no a.z in these results"),
        ("a.n", "no a.n in these results"),
        ("a.b.c", "no a.b.c in these results"),
        ("a.b[c=q,d=y].e", "no a.b with c=q, d=y"),
        ("a[c=q].e", "no a with c=q"),
        ("a.b[c].e", "no a.b with c"),
        ("a.b[c=x].e.f", "no a.b.e.f in these results"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, reason: str) -> None:
    with pytest.raises(NotFound) as raised:
        look_up(path, SOME)
    assert str(raised.value) == reason


@pytest.mark.parametrize("found", ["words", [1], {"count": 1}, {"estimate": None, "low": None}])
def test_what_is_no_number_is_not_known(found: object) -> None:
    assert judge(CLAIM, {"a": found}).conditions[0].state is State.NOT_KNOWN


def test_an_unbounded_interval_decides_by_the_bound_it_has() -> None:
    item = judge(CLAIM, {"a": {"estimate": None, "low": 2.0, "high": None}}).conditions[0]
    assert (item.state, item.estimate, item.high) == (State.HOLDS, None, None)
    assert shown(item) == "unbounded [2.000, unbounded]"


def test_an_estimate_without_a_value_or_a_bound_is_not_known() -> None:
    item = judge(CLAIM, {"a": {"estimate": None, "low": None, "high": None}}).conditions[0]
    assert item.state is State.NOT_KNOWN
    assert shown(item) == "not known"
    assert "not defined" in item.would_change


def test_a_claim_that_names_no_noise_has_no_noise_shares() -> None:
    noisy = msgspec.structs.replace(CLAIM, noise="some-conclusion")
    curve = {
        "conclusion": "some-conclusion",
        "says": "Some conclusion",
        "observed": True,
        "shares": [0.9, 0.4],
    }
    results = {"a": 2.0, "label_noise": {"rates": [0.1, 0.2], "curves": [curve]}}
    assert judge(CLAIM, results).noise_shares == ()
    assert judge(noisy, results).noise_shares == (0.9, 0.4)
    assert judge(noisy, {"a": 2.0}).noise_shares == ()


def test_a_conclusion_that_does_not_hold_as_labelled_is_not_said_to_survive() -> None:
    noisy = msgspec.structs.replace(CLAIM, noise="some-conclusion")
    curve = {"conclusion": "some-conclusion", "observed": False, "shares": [0.1, 0.1]}
    results = {"a": 2.0, "label_noise": {"rates": [0.1, 0.2], "curves": [curve]}}
    assert judge(noisy, results).noise_shares == ()
