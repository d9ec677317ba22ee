"""Every case that is said to be foreseen is: the named checks tell of it by the case's facts."""

import pytest

from check.foreseen import WORLDS
from check.foreseen.told import Told
from firstmile.check.running import judge_one
from firstmile.check.unit import load_check
from firstmile.findings import Outcome
from firstmile.knowledge.cases import load_cases

FORESEEN = {case.id: case for case in load_cases() if case.foreseen_by}


def test_every_foreseen_case_has_its_facts_here_and_no_other_has() -> None:
    assert sorted(WORLDS) == sorted(FORESEEN)


@pytest.mark.parametrize("name", sorted(FORESEEN))
def test_the_checks_that_foresee_a_case_tell_of_its_facts(name: str) -> None:
    given = WORLDS[name]
    possible = given if isinstance(given, tuple) else (given,)
    telling = {
        wanted: [_tells(wanted, facts) for facts in possible]
        for wanted in FORESEEN[name].foreseen_by
    }
    assert all(any(told) for told in telling.values()), telling
    assert all(any(told) for told in zip(*telling.values(), strict=True)), telling


def _tells(name: str, facts: Told) -> bool:
    """Say whether a check fails or warns by the facts, and says what to do."""
    check = load_check(name)
    assert check is not None
    found = judge_one(check, facts.snapshot, facts.intent)
    return any(each.remedy for each in found if each.outcome in (Outcome.FAIL, Outcome.WARN))
