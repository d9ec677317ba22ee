"""What raters judge of two issues overrules what a screen found, and contradicts nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions
from firstmile.study.design import Design, Rater, StudyTable
from firstmile.study.same_failure import JUDGED, Judgement, joined, judge, read_judgements

DESIGN = Design(study=StudyTable(name="s"), raters=(Rater(name="ada"), Rater(name="ben")))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
THERE = "abcde"


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[Decisions]:
    with Decisions(tmp_path / "decisions.sqlite") as found:
        yield found


def say(
    decisions: Decisions,
    pair: str,
    *,
    same: bool,
    rater: str = "ada",
    reason: str = "read both",
    at: datetime = NOW,
) -> None:
    judgement = Judgement(first=pair[0], second=pair[1], same=same, rater=rater, reason=reason)
    judge(decisions, judgement, DESIGN, there=THERE, at=at)


def test_the_latest_on_a_pair_holds_and_all_stay_on_record(decisions: Decisions) -> None:
    say(decisions, "ab", same=True)
    say(decisions, "ba", same=False, rater="ben", reason="another card")
    (held,) = read_judgements(decisions)
    assert (held.same, held.rater, held.reason, held.at) == (
        False,
        "ben",
        "another card",
        "2026-11-20T00:00:00Z",
    )
    assert [event.data["same"] for event in decisions.events(JUDGED)] == [True, False]


@pytest.mark.parametrize(
    ("pair", "rater", "reason", "said"),
    [
        ("az", "ada", "why", '"z" is no issue of the study'),
        ("aa", "ada", "why", "give two issues"),
        ("ab", "eve", "why", 'no rater "eve"'),
        ("ab", "ada", " ", "with its reason"),
    ],
)
def test_a_judgement_names_two_issues_a_rater_and_a_reason(
    decisions: Decisions, pair: str, rater: str, reason: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        say(decisions, pair, same=True, rater=rater, reason=reason)
    assert not decisions.events()


def test_judgements_do_not_contradict_each_other(decisions: Decisions) -> None:
    say(decisions, "ab", same=True)
    say(decisions, "bc", same=True)
    with pytest.raises(UserError, match="a and c are the same by other judgements"):
        say(decisions, "ac", same=False)
    say(decisions, "cd", same=False)
    with pytest.raises(UserError, match="ada said that c and d are not the same"):
        say(decisions, "ad", same=True)
    assert len(read_judgements(decisions)) == 3


PAIRS = st.lists(st.tuples(st.sampled_from(THERE), st.sampled_from(THERE)), max_size=12)


@given(alike=PAIRS, same=PAIRS, apart=PAIRS)
def test_no_pair_joins_what_was_judged_apart_and_none_is_needed_for_what_was_judged_the_same(
    alike: list[tuple[str, str]], same: list[tuple[str, str]], apart: list[tuple[str, str]]
) -> None:
    judged = [Judgement(first=a, second=b, same=True, rater="r", reason="") for a, b in same]
    together = joined(THERE, (), judged)
    judged += [
        Judgement(first=a, second=b, same=False, rater="r", reason="")
        for a, b in apart
        if not together.connected(a, b)
    ]
    groups = joined(THERE, alike, judged)
    assert all(groups.connected(one.first, one.second) is one.same for one in judged)
    if len(judged) == len(same):
        assert all(groups.connected(first, second) for first, second in alike)
