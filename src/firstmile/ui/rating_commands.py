"""`firstmile study pilot`, `label`, `agree`, `duplicates`, `export`, `import`: the raters' work."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.wording import counted
from firstmile.ui.ending import ending_as_ctrl_c
from firstmile.ui.needed import require
from firstmile.ui.progress import Progress
from firstmile.ui.serve_command import PORT, serve
from firstmile.ui.text import bold, dim, wrapped
from firstmile.ui.workflow_commands import Format, FormatOption, Quiet, StudyArgument, opened

if TYPE_CHECKING:
    from firstmile.study.folder import StudyFolder


class LabelFormat(StrEnum):
    """What a file of labels is written in."""

    CSV = "csv"
    LABEL_STUDIO = "label-studio"


def pilot(
    folder: StudyArgument,
    open_next: Annotated[
        bool, typer.Option("--open", help="Open the next round, of label.pilot issues.")
    ] = False,
    discussed: Annotated[
        bool, typer.Option("--discussed", help="Say that the open round was talked over.")
    ] = False,
    end: Annotated[bool, typer.Option("--end", help="End the pilot: label all issues.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --open: take up a pilot that has ended.")
    ] = False,
) -> None:
    """Label in rounds until the raters agree: open a round, label, discuss, open the next.

    Without an option it says what the rounds reached and which step comes next. Figures are those
    of first labels, given before the round was discussed, and stay.
    """
    require("study")
    from firstmile.study.agreement.report import pilot_sentences
    from firstmile.study.overview import make_overview
    from firstmile.study.pilot_order import next_sentence, read_pilot
    from firstmile.study.rounds import (
        discuss_round,
        end_pilot,
        open_round,
        study_agreement,
        target_met,
    )

    if sum((open_next, discussed, end)) > 1:
        raise UserError("Give one of --open, --discussed and --end at a time.")
    if again and not open_next:
        raise UserError("--again goes with --open: it takes up a pilot that has ended.")
    study, now = opened(folder), datetime.now(UTC)
    said: list[str] = []
    with study.decisions() as decisions:
        funnel = make_overview(study, decisions).funnel
        there = funnel.standings
        if open_next:
            open_round(study, decisions, funnel, at=now, again=again)
        elif discussed:
            number = discuss_round(study, decisions, there=there, at=now)
            said.append(f"What was first labelled stays the figure of round {number}.")
        elif end:
            said.append(end_pilot(study, decisions, there=there, at=now))
        else:
            found = study_agreement(study, decisions).pilot
            said += pilot_sentences(found, following=False) if found is not None else []
        state = read_pilot(study, decisions, there=there)
        said.append(next_sentence(study, state, met=target_met(study, decisions, state)))
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
    from firstmile.study.codebook_naming import named_by
    from firstmile.study.overview import gone_raters
    from firstmile.study.rounds import study_agreement
    from firstmile.study.writing import write_document

    study = opened(folder)
    with study.decisions() as decisions, Progress(quiet=output is Format.JSON) as progress:
        progress.step("Agreement")
        gone = gone_raters(study.design, decisions)
        found = study_agreement(study, decisions)
        data = agreement.data(found)
        page = None
        if out is not None:
            confusions = {
                f"confusion-{axis.axis}.csv": agreement.confusion_csv(axis.confusion)
                for axis in found.first.axes
                if axis.axis in ("symptom", "cause")
            }
            with named_by(study.taxonomy):
                document = agreement.document(found)
            page = write_document(document, data, out, extra=confusions, progress=progress.step)
    if gone:
        typer.echo(
            f"Labels of {gone} count in these figures but settle no issue any more, since the "
            "study.toml does not name them.",
            err=True,
        )
    if output is Format.JSON:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for sentence in agreement.sentences(found):
        for line in wrapped(sentence):
            typer.echo(line)
    if page is not None:
        typer.echo(str(page))


def label(
    folder: StudyArgument,
    rater: Annotated[
        str | None,
        typer.Option(help="A rater of the study.toml that is a model, to label without a page."),
    ] = None,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Say what it will cost, and send nothing.")
    ] = False,
    port: Annotated[
        int, typer.Option(help="The pages' port on this machine; 0 takes a free one.")
    ] = PORT,
    quiet: Quiet = False,
) -> None:
    """Label: serves the pages and says their addresses; with --rater a language model labels."""
    if rater is None:
        if plan_only:
            raise UserError("--plan says what a model will cost: name it with --rater.")
        typer.echo("People label on the pages of `firstmile serve`; they are served now.", err=True)
        serve(folder, port)
        return
    require("collect")
    from firstmile.study.model_labelling import ModelLabelling

    study = opened(folder)
    with study.decisions() as decisions, Progress(quiet=quiet) as progress:
        work = ModelLabelling(study, decisions, rater)
        planned = work.plan()
        typer.echo(planned.sentence(), err=True)
        if plan_only:
            return
        planned.require(rater)
        with ending_as_ctrl_c():
            found = work.label(
                now=lambda: datetime.now(UTC),
                progress=lambda done: progress.step(f"{done:,} of {counted(len(work), 'issue')}"),
            )
    typer.echo(
        f"{counted(found.labelled, 'issue')} labelled, {found.without_reply:,} of them without a "
        f"usable reply; cost {found.cost:,.2f}."
    )
    if found.stopped:
        raise UserError("It stopped before a request that could have broken the ceiling.")


def duplicates(
    folder: StudyArgument,
    apart: Annotated[
        tuple[str, str] | None,
        typer.Option("--not", metavar="URL URL", help="Record that two issues are not the same."),
    ] = None,
    same: Annotated[
        tuple[str, str] | None,
        typer.Option("--same", metavar="URL URL", help="Record that two issues are the same."),
    ] = None,
    rater: Annotated[str | None, typer.Option(help="Who says so, a rater of the study.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")] = "",
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the groups of issues that report the same failure, and what shows it; mend them by hand.

    What --not and --same record holds each time the study is screened, until a later one on the
    same two issues says otherwise.
    """
    require("study")
    import msgspec

    from firstmile.study.machine_screen import standing_groups
    from firstmile.study.same_failure import read_judgements

    study = opened(folder)
    if apart or same:
        if apart and same:
            raise UserError("Give one of --not and --same at a time.")
        if rater is None:
            raise UserError("Say who judges the two issues: --rater with a name of the study.toml.")
        for line in _judged(study, apart or same or ("", ""), bool(same), rater, reason):
            for piece in wrapped(line):
                typer.echo(piece)
        return
    if rater is not None or reason:
        raise UserError("--rater and --reason go with --not or --same and two issues.")
    with study.decisions() as decisions:
        groups, judged = standing_groups(study, decisions), read_judgements(decisions)
    if output is Format.JSON:
        data = {
            "schema_version": "1",
            "groups": msgspec.to_builtins(groups),
            "judgements": msgspec.to_builtins(judged),
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for group in groups:
        typer.echo(bold(counted(len(group.members), "issue")))
        for member in group.members:
            typer.echo(f"  {visible(member)}")
        for join in group.joins:
            how = "judged" if join.kind == "rater" else f"{join.kind}, {join.similarity:.0%} alike"
            typer.echo(dim(f"    {how}: ") + visible(join.evidence[:160]))
    for one in judged:
        if not one.same:
            typer.echo(f"Not the same: {visible(one.first)} and {visible(one.second)}")
            typer.echo(dim(f"    judged: {visible(one.rater)}: {visible(one.reason[:160])}"))
    typer.echo(f"Groups: {len(groups):,}." if groups else "No group of duplicates was found.")


def _judged(
    study: "StudyFolder", pair: tuple[str, str], same: bool, rater: str, reason: str
) -> list[str]:
    """Record what a rater judged of two issues; return what follows from it."""
    from firstmile.study.command_words import as_argument
    from firstmile.study.machine_screen import regroup, standing_groups
    from firstmile.study.overview import is_screened, read_exclusions
    from firstmile.study.same_failure import Judgement, judge

    first, second = pair
    one = Judgement(first=first, second=second, same=same, rater=rater, reason=reason)
    there = frozenset(study.store.table(["url"]).column("url").to_pylist())
    with study.lock(), study.decisions() as decisions:
        together = any(
            {first, second} <= set(group.members) for group in standing_groups(study, decisions)
        )
        judge(decisions, one, study.design, there=there, at=datetime.now(UTC))
        said = [f"Recorded: {'the same' if same else 'not the same'}, says {rater}."]
        if not is_screened(study):
            name = as_argument(study.path)
            return [*said, f"It counts once the study is screened: firstmile study screen {name}"]
        before = read_exclusions(study)
        after = regroup(study, decisions)
    for url in sorted({*before, *after}):
        if url not in after:
            said.append(f"{url} goes to the raters again.")
        elif before.get(url) != after[url] and after[url].detail:
            said.append(f"{url} leaves as a duplicate of {after[url].detail}")
    if len(said) == 1:
        said.append(
            (
                "Nothing else changes: they were in one group already."
                if together and before.keys() & {first, second}
                else "Nothing else changes: what was verified or labelled never leaves."
            )
            if same
            else "Nothing else changes: they were in no group together."
        )
    return said


def export(
    folder: StudyArgument,
    out: Annotated[Path, typer.Option(help="The file to write.")],
    written_in: Annotated[
        LabelFormat, typer.Option("--format", help="csv or label-studio.")
    ] = LabelFormat.CSV,
) -> None:
    """Write the labels as CSV, or what waits for labels as Label Studio tasks."""
    require("study")
    from firstmile.study import label_files

    study = opened(folder)
    with study.decisions() as decisions:
        written = label_files.export_labels(
            study, decisions, out, written_in=label_files.LabelFormat(written_in.value)
        )
    for path in written:
        typer.echo(str(path))


def import_labels(
    folder: StudyArgument,
    file: Annotated[Path, typer.Argument(help="A CSV file, or an export of Label Studio.")],
    written_in: Annotated[
        LabelFormat, typer.Option("--format", help="csv or label-studio.")
    ] = LabelFormat.CSV,
    rater: Annotated[
        str | None, typer.Option(help="Who labelled, where a Label Studio file is one rater's.")
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(help="USER=RATER for each user of Label Studio; may be given again."),
    ] = None,
) -> None:
    """Record labels that were given elsewhere, as decisions of their raters."""
    require("study")
    from firstmile.study import label_files

    users = {}
    for pair in user or []:
        name, _, stands_for = pair.partition("=")
        if not stands_for:
            raise UserError("--user needs USER=RATER, such as 3=ada.")
        users[name] = stands_for
    study = opened(folder)
    with study.decisions() as decisions:
        new = label_files.import_labels(
            study,
            decisions,
            file,
            written_in=label_files.LabelFormat(written_in.value),
            at=datetime.now(UTC),
            rater=rater,
            users=users,
        )
    typer.echo(f"{counted(new, 'label')} recorded; those on record already were left alone.")


def codebook(
    folder: StudyArgument,
    copy: Annotated[
        bool,
        typer.Option("--copy", help="Copy the codebook into the study, to be changed there."),
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the study's codebook version and the labels that a change of it touches."""
    require("study")
    import msgspec

    from firstmile.study.codebook_use import copy_codebook, touched_decisions

    study = opened(folder)
    if copy:
        typer.echo(str(copy_codebook(study)))
        return
    with study.decisions() as decisions:
        touched = touched_decisions(study, decisions)
    if output is Format.JSON:
        data = {
            "schema_version": "1",
            "version": study.taxonomy.version,
            "touched": msgspec.to_builtins(touched),
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    typer.echo(
        f"Codebook {visible(study.taxonomy.version)}, {counted(len(study.taxonomy.terms), 'term')}."
    )
    for one in touched:
        typer.echo(
            f"{visible(one.code)} was {one.change} since version {visible(one.version)}: "
            f"{counted(len(one.decisions), 'standing label carries', 'standing labels carry')} it"
        )
        for decision in one.decisions:
            typer.echo(dim(f"  {visible(decision.rater)}  {visible(decision.issue)}"))
    if not touched:
        typer.echo("No standing label carries a term that was changed or lost.")
