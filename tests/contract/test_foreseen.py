"""What is said of a case's being foreseen names checks that there are, and a fact or a reason."""

import pytest

from firstmile.check.unit import check_id, find_checks
from firstmile.knowledge.cases import Case, LabelSource, load_cases

KNOWN = {check_id(check) for check in find_checks()}
SAID = [case for case in load_cases() if case.foreseen_by or case.not_foreseen]
LONGEST = 25


@pytest.mark.parametrize("case", SAID, ids=lambda case: case.id)
def test_a_case_is_foreseen_by_checks_from_a_fact_or_not_for_a_reason(case: Case) -> None:
    assert set(case.foreseen_by) <= KNOWN
    assert bool(case.foreseen_by) == bool(case.foreseen_from)
    assert bool(case.foreseen_by) != bool(case.not_foreseen)
    said = case.foreseen_from or case.not_foreseen or ""
    assert 2 <= len(said.split()) <= LONGEST


def test_most_published_cases_were_gone_through() -> None:
    published = [case for case in load_cases() if case.label_source is LabelSource.PUBLISHED]
    assert len([case for case in published if case in SAID]) > len(published) / 2
