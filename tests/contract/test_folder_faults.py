"""Every seeded folder keeps the rules: it says what is broken and who sees it, and is recorded."""

import ast
import inspect
from pathlib import Path

import firstmile.lab.folders
from firstmile.check.unit import check_id, find_checks
from firstmile.lab.folders import judging, machines
from firstmile.lab.folders.fault import (
    FolderFault,
    Healthy,
    find_folder_faults,
    find_healthy_folders,
)
from firstmile.redaction import redact

FAULTS = find_folder_faults()
HEALTHY = find_healthy_folders()
RUNS: list[tuple[str, FolderFault | Healthy]] = [
    *((name, seeded.fault) for name, seeded in FAULTS.items()),
    *HEALTHY.items(),
]
CHECKS = {check_id(check) for check in find_checks()}
KEPT = Path(__file__).resolve().parents[1] / "lab" / "folders"
SOURCE = Path(firstmile.lab.folders.__file__).parent


def test_there_are_enough_faults_and_healthy_variants() -> None:
    assert len(FAULTS) >= 120
    assert len(HEALTHY) >= 40


def test_a_fault_says_what_it_breaks() -> None:
    for name, seeded in FAULTS.items():
        assert 30 <= len(seeded.about) <= 110, name
        assert seeded.about.endswith("."), name
        for part in (seeded.damage, seeded.provoke, seeded.machine):
            assert part is None or (inspect.getdoc(part) or "").endswith("."), name


def test_a_fault_breaks_something() -> None:
    for name, seeded in FAULTS.items():
        fault = seeded.fault
        assert seeded.damage or seeded.machine or fault.command or fault.machine != "workstation", (
            name
        )


def test_a_fault_names_checks() -> None:
    for name, seeded in FAULTS.items():
        assert seeded.fault.sees, name
        assert set(seeded.fault.sees) <= CHECKS, name


def test_a_base_is_healthy_in_some_variant() -> None:
    """So that a check which finds a fault does not find it in the whole folder as well."""
    damaged = {seeded.fault.base for seeded in FAULTS.values()} - {None}
    assert damaged <= {healthy.base for healthy in HEALTHY.values()}


def test_every_folder_has_its_record_and_every_record_its_folder() -> None:
    wanted = {judging.kept_at(KEPT, seeded) for seeded in FAULTS.values()} - {None}
    wanted |= {judging.folder_of_base(KEPT, one.base) for one in HEALTHY.values() if one.base}
    assert set(KEPT.rglob("*.gz")) == wanted


def test_records_are_small_and_hold_nothing_of_a_machine_or_person() -> None:
    assert sum(file.stat().st_size for file in KEPT.rglob("*.gz")) < 3_000_000
    for file in sorted(KEPT.rglob("*.gz")):
        text = judging.text_of(file)
        assert redact(text).text == text, file.name
        assert not any(part in text for part in ("/root/", "/tmp/", "/work", "/home/")), file.name


def test_what_is_recorded_is_written_the_same_again() -> None:
    for file in sorted(KEPT.rglob("*.gz"))[::10]:
        snapshot = judging.unpacked(file)
        assert judging.packed(snapshot) == file.read_bytes(), file.name
        assert snapshot.environment is None, file.name


def test_every_command_is_read_whole() -> None:
    for name, one in RUNS:
        if one.command:
            intent = judging.intent_of(one.command, one.files)
            unread = [each for each in intent.unread if "Modelfile" not in each]
            assert unread == [], name


def test_every_machine_that_is_named_can_be_made() -> None:
    for _, one in RUNS:
        assert machines.made(one.machine).python is not None


def test_libraries_are_imported_by_runs_alone() -> None:
    heavy = {"torch", "transformers", "peft", "tokenizers", "safetensors", "sentencepiece", "gguf"}
    for file in SOURCE.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.module != "firstmile.lab.libraries", file.name
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & heavy, file.name


def test_what_runs_beside_torch_imports_no_facts() -> None:
    """The lab's environment has none of the libraries that reading needs."""
    for file in SOURCE.rglob("*.py"):
        if file.name == "judging.py":
            continue
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert not module.startswith(("firstmile.facts", "firstmile.check")), file.name
