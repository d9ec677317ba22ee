"""Every fault of the lab keeps the rules of faults, and has a log recorded from its run."""

import ast
import re
from pathlib import Path

import firstmile.lab
from firstmile.knowledge import load_entries
from firstmile.lab.fault import CURRENT, OLDER, find_faults
from firstmile.lab.healthy import find_healthy
from firstmile.redaction import redact
from firstmile.taxonomy import Axis, load_taxonomy

FAULTS = find_faults()
LOGS = Path(__file__).resolve().parents[1] / "lab" / "logs"


def test_a_fault_is_classified_by_leaves() -> None:
    leaves = {leaf.code for axis in Axis for leaf in load_taxonomy().leaves(axis)}
    for name, seeded in FAULTS.items():
        given = seeded.fault.classification
        assert {given.symptom, given.cause} <= leaves, name
        assert given.stage is None or given.stage in leaves, name


def test_a_fault_expects_an_entry_that_exists() -> None:
    known = {entry.id for entry in load_entries()}
    assert [name for name, seeded in FAULTS.items() if seeded.fault.entry not in known] == []


def test_a_fault_says_what_it_breaks() -> None:
    for name, seeded in FAULTS.items():
        assert 30 <= len(seeded.about) <= 400, name
        assert (seeded.run.__doc__ or "").strip(), name


def test_a_fault_has_an_environment_and_a_time() -> None:
    for name, seeded in FAULTS.items():
        assert seeded.fault.environment in (CURRENT, OLDER), name
        assert 0 < seeded.fault.seconds <= 60, name


def test_every_run_has_its_log_and_every_log_of_a_failure_its_run() -> None:
    assert {file.stem for file in (LOGS / "failing").glob("*.log")} == set(FAULTS)
    assert {file.stem for file in (LOGS / "healthy").glob("*.log")} >= set(find_healthy())


def test_logs_are_small_and_hold_nothing_of_a_machine_or_person() -> None:
    for file in sorted(LOGS.rglob("*.log")):
        text = file.read_text(encoding="utf-8")
        assert 0 < len(text.encode()) < 40_000, file.name
        assert redact(text).text == text, file.name
        files = re.findall(r'File "(/[^"]+)"', text)
        assert [path for path in files if not path.startswith(("/home/user/", "/usr/lib/"))] == []
        assert "/root/" not in text, file.name
        assert "firstmile/" not in text, file.name


def test_libraries_of_the_lab_are_imported_by_runs_alone() -> None:
    """So that finding the faults needs none of them."""
    heavy = {"torch", "transformers", "peft", "datasets", "trl", "accelerate", "gguf"}
    for file in Path(firstmile.lab.__file__).parent.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & heavy, file.name
            elif isinstance(node, ast.ImportFrom):
                assert node.module != "firstmile.lab.libraries", file.name
                assert (node.module or "").split(".")[0] not in heavy, file.name
