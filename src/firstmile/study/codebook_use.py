"""Which codebook a study's decisions were made under, and which of them a change touches."""

from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.files import whole_folder, write_whole
from firstmile.study.decisions import Decision, Decisions, Step, label_of
from firstmile.study.folder import CODEBOOK, StudyFolder, refuse_headless_codebook
from firstmile.study.reading.quoting import quoted, shown
from firstmile.taxonomy import Axis, fingerprints

USED: Final = "codebook-used"
"""The event with which a version of the codebook comes into use: its `version` and `terms`."""


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """Standing decisions that carry a term which has changed since they were made.

    `change` is "lost" where the codebook no longer has the term, "changed" where its definition
    or a rule of it reads differently.
    """

    code: str
    change: str
    version: str
    decisions: tuple[Decision, ...]


def note_use(folder: StudyFolder, decisions: Decisions, *, at: datetime) -> None:
    """Record that decisions are made under the study's codebook as it stands.

    Raises UserError where its text has changed and its version has not: then nobody could say
    later under which text a decision was made.
    """
    taxonomy = folder.taxonomy
    now = dict(fingerprints(taxonomy))
    for event in decisions.events(USED):
        if event.data["version"] != taxonomy.version:
            continue
        if event.data["terms"] != now:
            raise UserError(
                f"The codebook of {shown(str(folder.path))} has changed, but its version is still "
                f"{quoted(taxonomy.version)}: give it a new one in codebook.toml."
            )
        return
    decisions.note(
        USED,
        {"version": taxonomy.version, "terms": now},
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def touched_decisions(folder: StudyFolder, decisions: Decisions) -> tuple[Touched, ...]:
    """Return the standing labels whose terms were lost or changed, by term and version."""
    taxonomy = folder.taxonomy
    now = fingerprints(taxonomy)
    then = {event.data["version"]: event.data["terms"] for event in decisions.events(USED)}
    found: dict[tuple[str, str, str], list[Decision]] = {}
    for step in (Step.LABEL, Step.ADJUDICATE):
        for one in decisions.current(step):
            value = label_of(one)
            for axis in Axis:
                code = getattr(value, axis.value)
                if code is None:
                    continue
                if code not in now:
                    found.setdefault((code, "lost", one.codebook), []).append(one)
                elif then.get(one.codebook, {}).get(code, now[code]) != now[code]:
                    found.setdefault((code, "changed", one.codebook), []).append(one)
    return tuple(
        Touched(code=code, change=change, version=version, decisions=tuple(held))
        for (code, change, version), held in sorted(found.items())
    )


def copy_codebook(folder: StudyFolder) -> Path:
    """Copy the codebook that comes along into the study, to be changed there; return its place.

    Whole or not at all. Raises UserError where the study has its own already.
    """
    target = folder.path / CODEBOOK
    refuse_headless_codebook(target)
    if target.exists():
        raise UserError(f"The study has a codebook of its own already: {shown(str(target))}.")
    with whole_folder(target) as building:
        _copy(files("firstmile.taxonomy") / "codebook", building)
    return target


def _copy(source: Traversable, target: Path) -> None:
    for item in source.iterdir():
        if item.is_dir():
            _copy(item, target / item.name)
        elif item.name.endswith(".toml"):
            target.mkdir(parents=True, exist_ok=True)
            write_whole(target / item.name, item.read_bytes())
