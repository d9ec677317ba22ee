"""`firstmile study pilot`, `agree`: the raters' work, and how far they agree."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from firstmile.errors import UserError
from firstmile.ui.needed import require
from firstmile.ui.progress import Progress
from firstmile.ui.text import wrapped
from firstmile.ui.workflow_commands import Format, FormatOption, StudyArgument, opened


def pilot(
    folder: StudyArgument,
    open_next: Annotated[
        bool, typer.Option("--open", help="Open the next round, of label.pilot issues.")
    ] = False,
    discussed: Annotated[
        bool, typer.Option("--discussed", help="Say that the open round was talked over.")
    ] = False,
    end: Annotated[bool, typer.Option("--end", help="End the pilot: label all issues.")] = False,
) -> None:
    """Label in rounds until the raters agree: open a round, label, discuss, open the next."""
    require("study")
    from firstmile.study.agreement.report import pilot_sentences
    from firstmile.study.overview import make_overview
    from firstmile.study.rounds import discuss_round, end_pilot, open_round, study_agreement

    if sum((open_next, discussed, end)) > 1:
        raise UserError("Give one of --open, --discussed and --end at a time.")
    study, now = opened(folder), datetime.now(UTC)
    with study.decisions() as decisions:
        if open_next:
            number = open_round(study, decisions, make_overview(study, decisions).funnel, at=now)
            said = [f"Pilot round {number} is open: firstmile serve {folder}"]
        elif discussed:
            number = discuss_round(decisions, at=now)
            said = [f"Pilot round {number} counts as discussed; its first figures are kept."]
        elif end:
            end_pilot(decisions, at=now)
            said = ["The pilot has ended; all verified issues are labelled now."]
        else:
            found = study_agreement(study, decisions).pilot
            said = (
                list(pilot_sentences(found))
                if found is not None
                else ["No issue was labelled in a pilot round yet: --open opens the first."]
            )
    for sentence in said:
        for line in wrapped(sentence):
            typer.echo(line)


def agree(
    folder: StudyArgument,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for a page, tables, and the confusion matrices as CSV."),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say how far the raters agree, where they part, and which rules need to be better."""
    require("study")
    from firstmile.study import agreement
    from firstmile.study.rounds import study_agreement
    from firstmile.study.writing import write_document

    study = opened(folder)
    with study.decisions() as decisions, Progress(quiet=output is Format.JSON) as progress:
        progress.step("Agreement")
        found = study_agreement(study, decisions)
        data = agreement.data(found)
        page = None
        if out is not None:
            confusions = {
                f"confusion-{axis.axis}.csv": agreement.confusion_csv(axis.confusion)
                for axis in found.first.axes
                if axis.axis in ("symptom", "cause")
            }
            page = write_document(
                agreement.document(found), data, out, extra=confusions, progress=progress.step
            )
    if output is Format.JSON:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for sentence in agreement.sentences(found):
        for line in wrapped(sentence):
            typer.echo(line)
    if page is not None:
        typer.echo(str(page))
