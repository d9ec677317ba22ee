"""The lab's logs are diagnosed: seeded runs by entry and cause, healthy ones without alarm."""

from pathlib import Path

import pytest

from firstmile.diagnose.hypotheses import Diagnosis
from firstmile.diagnose.judging import diagnose_text
from firstmile.lab import find_faults
from firstmile.taxonomy import Axis

LOGS = Path(__file__).parent / "logs"
FAILING = sorted((LOGS / "failing").glob("*.log"))
HEALTHY = sorted((LOGS / "healthy").glob("*.log"))
FAULTS = find_faults()

ENTRY_FIRST = 0.95
CAUSE_FIRST = 0.97


@pytest.fixture(scope="module")
def diagnosed() -> dict[str, Diagnosis]:
    """Diagnose each seeded run."""
    return {log.stem: diagnose_text(log.read_bytes().decode()) for log in FAILING}


def test_the_expected_entry_stands_first(diagnosed: dict[str, Diagnosis]) -> None:
    missed = [name for name, one in diagnosed.items() if one.entry != FAULTS[name].fault.entry]
    assert len(missed) <= (1 - ENTRY_FIRST) * len(diagnosed), missed


def test_the_cause_stands_first(diagnosed: dict[str, Diagnosis]) -> None:
    missed = [
        name
        for name, one in diagnosed.items()
        if one.classes[Axis.CAUSE][0].code != FAULTS[name].fault.cause.split("/")[0]
    ]
    assert len(missed) <= (1 - CAUSE_FIRST) * len(diagnosed), missed


@pytest.mark.parametrize("log", HEALTHY, ids=lambda log: log.stem)
def test_a_healthy_run_raises_no_alarm(log: Path) -> None:
    found = diagnose_text(log.read_bytes().decode())
    assert found.abstained is not None
    assert found.entry is None
