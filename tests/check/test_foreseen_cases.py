"""Every case that is said to be foreseen is: the named checks tell of it by the case's facts."""

import pytest

from check.foreseen import WORLDS
from firstmile.check.running import judge_one
from firstmile.check.unit import load_check
from firstmile.findings import Outcome
from firstmile.knowledge.cases import load_cases

FORESEEN = {case.id: case for case in load_cases() if case.foreseen_by}


def test_every_foreseen_case_has_its_facts_here_and_no_other_has() -> None:
    assert sorted(WORLDS) == sorted(FORESEEN)


@pytest.mark.parametrize("name", sorted(FORESEEN))
def test_the_checks_that_foresee_a_case_tell_of_its_facts(name: str) -> None:
    facts = WORLDS[name]
    for wanted in FORESEEN[name].foreseen_by:
        check = load_check(wanted)
        assert check is not None
        found = judge_one(check, facts.snapshot, facts.intent)
        told = [each for each in found if each.outcome in (Outcome.FAIL, Outcome.WARN)]
        assert told, [(each.outcome, each.message) for each in found]
        assert all(each.remedy for each in told)
