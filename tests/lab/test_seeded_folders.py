"""Seeded folders are found by the check that is named for them; healthy ones fail no check."""

from pathlib import Path

import pytest

from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome
from firstmile.lab.folders import judging
from firstmile.lab.folders.fault import find_folder_faults, find_healthy_folders

KEPT = Path(__file__).with_name("folders")
FAULTS = find_folder_faults()
HEALTHY = find_healthy_folders()
LEAST_FOUND = 0.97


def seen(name: str) -> judging.Seen:
    """Judge a fault by what was recorded of it."""
    file = judging.kept_at(KEPT, FAULTS[name])
    return judging.seen_of_fault(FAULTS[name], judging.unpacked(file) if file else Snapshot())


def test_nearly_all_faults_are_found_by_the_named_check() -> None:
    unseen = [name for name in FAULTS if not seen(name).is_found]
    assert len(unseen) <= (1 - LEAST_FOUND) * len(FAULTS), unseen


def test_no_check_breaks_at_a_fault() -> None:
    broken = {
        (name, each.source, each.message)
        for name in FAULTS
        for each in seen(name).findings
        if each.outcome is Outcome.ERROR
    }
    assert broken == set()


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_folder_fails_no_check(name: str) -> None:
    healthy = HEALTHY[name]
    base = judging.folder_of_base(KEPT, healthy.base) if healthy.base else None
    recorded = judging.unpacked(base) if base else Snapshot()
    failing = judging.seen_of_healthy(name, healthy, recorded).failing
    assert [f"{each.source}: {each.message}" for each in failing] == []


def test_a_fault_is_not_found_in_the_folder_that_it_damages() -> None:
    """A check that warns of every folder would find every fault."""
    blamed = {}
    for name, seeded in FAULTS.items():
        if seeded.damage is None or seeded.fault.base is None:
            continue
        whole = judging.unpacked(judging.folder_of_base(KEPT, seeded.fault.base))
        if judging.seen_of_fault(seeded, whole).is_found:
            blamed[name] = seeded.fault.sees
    assert blamed == {}
