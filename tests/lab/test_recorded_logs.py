"""The logs that the lab recorded meet the entries they have to, and healthy ones meet none."""

from pathlib import Path

import pytest

from firstmile.knowledge import Signatures, load_entries
from firstmile.lab.comparing import matches
from firstmile.lab.fault import find_faults

LOGS = Path(__file__).with_name("logs")
LEAST_SHARE = 0.95
"""Of the seeded runs, the share that must meet the expected entry first."""


@pytest.fixture(scope="module")
def signatures() -> Signatures:
    return Signatures(load_entries())


def test_the_expected_entry_comes_first(signatures: Signatures) -> None:
    faults = find_faults()
    missed = {}
    for name, seeded in faults.items():
        log = (LOGS / "failing" / f"{name}.log").read_bytes().decode()
        first = [match.entry.id for match in matches(log, signatures)[:2]]
        if first[:1] != [seeded.fault.entry]:
            missed[name] = (seeded.fault.entry, first)
    assert len(missed) <= (1 - LEAST_SHARE) * len(faults), missed


SPEAK_OF_ERRORS = {
    "composed-a-chat-about-errors",
    "composed-a-page-on-troubleshooting",
    "composed-flash-attention-is-missing-and-caught",
    "composed-kernel-kills-another-program",
    "composed-requests-speak-of-errors",
    "composed-rows-of-data-speak-of-errors",
}
"""Healthy logs with the line of a known error, which was caught, or happened to others."""


def test_no_entry_decides_on_a_healthy_log_that_speaks_of_no_error(signatures: Signatures) -> None:
    alarms = {
        file.stem: [match.entry.id for match in found if match.decides]
        for file in sorted((LOGS / "healthy").glob("*.log"))
        if (found := matches(file.read_bytes().decode(), signatures))
    }
    deciding = {name: decided for name, decided in alarms.items() if decided}
    assert deciding.keys() == SPEAK_OF_ERRORS, deciding
