"""Every check keeps the contract: explanation, codes, examples of each outcome, purity."""

import pytest

from firstmile.check.intent import Intent
from firstmile.check.running import judge_one
from firstmile.check.stated import stated_checks
from firstmile.check.unit import Check, check_id, explanation, find_checks
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome
from firstmile.knowledge import load_entries

CHECKS = find_checks()
EACH = pytest.mark.parametrize("check", CHECKS, ids=check_id)
NEEDED = {Outcome.FAIL, Outcome.PASS, Outcome.SKIP}


@EACH
def test_its_docstring_states_the_good_state_why_and_fix(check: Check) -> None:
    said = explanation(check)
    assert said.good_state.endswith(".")
    assert len(said.good_state) <= 100
    assert len(said.why.split()) >= 15
    assert len(said.fix.split()) >= 6


@EACH
def test_its_codes_are_leaves_of_the_codebook(check: Check) -> None:
    assert check.ABOUT.classification.cause == check.ABOUT.cause


@EACH
def test_its_entries_exist_and_its_references_are_addresses(check: Check) -> None:
    known = {entry.id for entry in load_entries()}
    assert set(check.ABOUT.entries) <= known
    assert all(one.startswith("https://") for one in check.ABOUT.references)


@EACH
def test_what_it_states_is_read_from_its_source_without_an_import(check: Check) -> None:
    stated = next(one for one in stated_checks() if one.id == check_id(check))
    assert stated.good_state == explanation(check).good_state
    assert (stated.symptom, stated.cause) == (check.ABOUT.symptom, check.ABOUT.cause)


@EACH
def test_its_examples_come_out_as_they_say(check: Check) -> None:
    for place, example in enumerate(check.examples(), 1):
        found = judge_one(check, example.snapshot, example.intent)
        outcomes = [each.outcome for each in found]
        messages = " | ".join(each.message for each in found)
        assert worst(outcomes) is example.outcome, f"example {place}: {messages}"
        assert example.says in messages, f"example {place}"


@EACH
def test_it_has_examples_that_fail_pass_and_are_skipped(check: Check) -> None:
    outcomes = {example.outcome for example in check.examples()}
    assert Outcome.ERROR not in outcomes
    if Outcome.FAIL not in outcomes:
        assert Outcome.WARN in outcomes
        outcomes.add(Outcome.FAIL)
    assert outcomes >= NEEDED


@EACH
def test_it_skips_what_it_knows_nothing_of(check: Check) -> None:
    found = judge_one(check, Snapshot(), Intent())
    assert {each.outcome for each in found} == {Outcome.SKIP}


@EACH
def test_what_fails_is_proven_and_has_a_remedy(check: Check) -> None:
    for example in check.examples():
        for each in judge_one(check, example.snapshot, example.intent):
            if each.outcome in (Outcome.FAIL, Outcome.WARN):
                assert each.evidence, each.message
                assert each.remedy, each.message
            assert not each.message[0].islower() or each.outcome is Outcome.SKIP
            if each.outcome is Outcome.SKIP:
                assert each.message.startswith(("does not apply: ", "not known: "))


def worst(outcomes: list[Outcome]) -> Outcome:
    """Return the gravest of several outcomes."""
    order = [Outcome.ERROR, Outcome.FAIL, Outcome.WARN, Outcome.PASS, Outcome.SKIP]
    return min(outcomes, key=order.index)
