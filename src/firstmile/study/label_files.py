"""A study's labels out to files and back in: Label Studio and CSV."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.files import write_whole
from firstmile.study.codebook_use import note_use
from firstmile.study.decisions import Decisions, LabelValue, Step, label_of
from firstmile.study.exchange import (
    Known,
    RaterLabel,
    csv_labels,
    label_studio_tasks,
    labeling_config,
    read_csv_labels,
    read_label_studio,
)
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Place
from firstmile.study.ledger import COMPARED
from firstmile.study.overview import make_overview
from firstmile.study.queues import PILOT
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.wrong_folder import called

_TAKES_LABELS: Final = (Place.TO_LABEL, Place.TO_ADJUDICATE, Place.LABELLED, Place.UNTOLD)
"""Where an issue that was verified may stand; a rater may change labels until they are compared."""


class LabelFormat(StrEnum):
    """What a file of labels is written in."""

    CSV = "csv"
    LABEL_STUDIO = "label-studio"


def export_labels(
    folder: StudyFolder, decisions: Decisions, out: Path, *, written_in: LabelFormat
) -> Sequence[Path]:
    """Write the labels as CSV, or what waits for labels as Label Studio tasks; return the files.

    Label Studio gets the tasks without anybody's labels, so that raters stay blind, and beside
    them the labelling configuration. Raises UserError where there is nothing to write.
    """
    if written_in is LabelFormat.CSV:
        labels = [
            RaterLabel(issue=one.issue, rater=one.rater, value=label_of(one), round=one.round)
            for one in decisions.current(Step.LABEL)
        ]
        if not labels:
            raise UserError(_nothing("No issue is labelled yet", folder))
        write_whole(out, csv_labels(labels))
        return [out]
    waiting = make_overview(folder, decisions).funnel.at(Place.TO_LABEL)
    issues = [issue for url in waiting if (issue := folder.store.issue(url)) is not None]
    if not issues:
        raise UserError(_nothing("No issue waits to be labelled", folder))
    write_whole(out, label_studio_tasks(issues, folder.taxonomy))
    configuration = out.with_suffix(".xml")
    write_whole(
        configuration, labeling_config(folder.taxonomy, ecosystem=folder.design.study.ecosystem)
    )
    return [out, configuration]


def _nothing(why: str, folder: StudyFolder) -> str:
    return (
        f"{why}, so nothing was written: firstmile study status {called(folder.path)} says what "
        "comes next."
    )


def import_labels(
    folder: StudyFolder,
    decisions: Decisions,
    file: Path,
    *,
    written_in: LabelFormat,
    at: datetime,
    rater: str | None = None,
    users: Mapping[str, str] | None = None,
) -> int:
    """Append a file's labels as decisions; return how many were new.

    The whole file is checked before the first label is recorded, and importing it again records
    only what is missing. Raises UserError naming file and record for an unknown rater, label or
    issue, and for what the pages would not take either: an axis left blank that is not said to
    be untold, terms that cannot apply in the study's ecosystem, labels that were compared, of
    raters without a part in labelling, of issues that do not wait for them, or of rounds that
    these issues are not in.
    """
    known = Known(
        codebook=folder.taxonomy,
        raters=[one.name for one in folder.design.raters],
        issues=frozenset(folder.store.table(["url"]).column("url").to_pylist()),
        users=users or {},
        ecosystem=folder.design.study.ecosystem,
    )
    if rater is not None:
        folder.design.rater(rater)
    if written_in is LabelFormat.CSV:
        found = read_csv_labels(file, known).labels
    else:
        found = read_label_studio(file, known, rater=rater).labels
    # Whoever dies here, and a disk that is full, leaves all of the file on record or nothing; and
    # nobody compares or changes labels between the look and the record.
    with decisions.together():
        held = {
            (one.issue, one.rater): _exchanged(label_of(one))
            for one in decisions.current(Step.LABEL)
        }
        new = [label for label in found if held.get((label.issue, label.rater)) != label.value]
        if new:
            _check_open(folder, decisions, new, shown(file.name))
            note_use(folder, decisions, at=at)
        before = len(decisions.history(step=Step.LABEL))
        for label in new:
            body = json.dumps(msgspec.to_builtins(label), sort_keys=True) + str(before)
            decisions.append(
                label.issue,
                Step.LABEL,
                label.rater,
                label.value,
                codebook=folder.taxonomy.version,
                at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                key=f"import:{sha256(body.encode()).hexdigest()}",
                reason=f"imported from {written_in.value}",
                round=label.round,
            )
    return len(new)


def _check_open(
    folder: StudyFolder, decisions: Decisions, labels: Sequence[RaterLabel], name: str
) -> None:
    """Raise UserError for the first label that would go round the study's order of work."""
    compared = {event.data["issue"] for event in decisions.events(COMPARED)}
    pilots = {
        int(event.data["round"]): frozenset(event.data.get("issues", ()))
        for event in decisions.events(PILOT)
    }
    standings = make_overview(folder, decisions).funnel.standings
    labellers = folder.design.labellers()
    for label in labels:
        where, standing = f"{name}: {quoted(label.issue)}", standings[label.issue]
        if label.rater not in labellers:
            raise UserError(
                f"{where} has labels of {shown(label.rater)}, who has no part in labelling; "
                "nothing was recorded."
            )
        if label.issue in compared:
            raise UserError(
                f"{where} takes no label any more, since its labels were compared and a later one "
                "would not be blind; nothing was recorded."
            )
        if standing.decided == "adjudicated":
            raise UserError(f"{where} is adjudicated and takes no label; nothing was recorded.")
        if standing.place not in _TAKES_LABELS:
            raise UserError(
                f"{where} does not wait for labels ({standing.place.value}); nothing was recorded."
            )
        if label.round and label.issue not in pilots.get(label.round, ()):
            reason = "does not hold it" if label.round in pilots else "was never opened"
            raise UserError(
                f"{where} is labelled for pilot round {label.round}, which {reason}; nothing was "
                "recorded."
            )


def _exchanged(value: LabelValue) -> LabelValue:
    """Return labels as a file holds them: without what a classifier suggested."""
    return msgspec.structs.replace(value, suggested=None)
