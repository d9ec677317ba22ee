"""Judging seeded folders: what every check says of what was recorded, machine and command."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firstmile.check.command import Reading, read_command
from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.unit import find_checks
from firstmile.errors import UserError
from firstmile.facts.environment import Environment
from firstmile.facts.saving import snapshot_from, snapshot_text
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding, Outcome
from firstmile.lab.folders import machines
from firstmile.lab.folders.fault import FolderFault, Healthy, SeededFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the checks say of one fault or healthy variant."""

    id: str
    findings: tuple[Finding, ...]
    sees: tuple[str, ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether a check that is named for the fault warns of it or fails."""
        grave = (Outcome.FAIL, Outcome.WARN)
        return any(each.outcome in grave for each in self.findings if each.source in self.sees)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """What fails, or broke."""
        return tuple(
            each for each in self.findings if each.outcome in (Outcome.FAIL, Outcome.ERROR)
        )


def intent_of(command: str, files: Mapping[str, str]) -> Intent:
    """Return what a command intends. Raises UserError for one that no reader knows."""
    if not command:
        return Intent()
    read = read_command(Reading(command=command, expects={}, files=files).typed)
    if read is None:
        raise UserError(f"no reader knows the command {command}")
    return read


def seen_of_fault(seeded: SeededFolder, recorded: Snapshot) -> Seen:
    """Judge one fault."""
    place = seeded.machine() if seeded.machine else machines.made(seeded.fault.machine)
    found = _judged(recorded, place, seeded.fault)
    return Seen(id=seeded.id, findings=found, sees=seeded.fault.sees)


def seen_of_healthy(name: str, healthy: Healthy, recorded: Snapshot) -> Seen:
    """Judge one healthy variant."""
    return Seen(id=name, findings=_judged(recorded, machines.made(healthy.machine), healthy))


def _judged(
    recorded: Snapshot, environment: Environment, one: FolderFault | Healthy
) -> tuple[Finding, ...]:
    snapshot = Snapshot(environment=environment, model=recorded.model, base=recorded.base)
    return judge_all(find_checks(), snapshot, intent_of(one.command, one.files))


def packed(snapshot: Snapshot) -> bytes:
    """Return a snapshot as it is kept: the same bytes for the same facts."""
    return gzip.compress(snapshot_text(snapshot).encode(), 9, mtime=0)


def unpacked(file: Path) -> Snapshot:
    """Read a snapshot that was kept. Raises UserError where it is none."""
    return snapshot_from(gzip.decompress(file.read_bytes()), name=file.name)


def text_of(file: Path) -> str:
    """Return the JSON of a snapshot that was kept."""
    return gzip.decompress(file.read_bytes()).decode()


def kept_at(folder: Path, seeded: SeededFolder) -> Path | None:
    """Return where a fault's snapshot is kept: with its base's where the folder is whole."""
    if seeded.damage is None:
        return None if seeded.fault.base is None else folder_of_base(folder, seeded.fault.base)
    return folder / "faults" / f"{seeded.id}.json.gz"


def folder_of_base(folder: Path, base: str) -> Path:
    """Return where the snapshot of a healthy base is kept."""
    return folder / "bases" / f"{base}.json.gz"
