"""`firstmile study publish`: the data set with its documentation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from firstmile.rendering.inert import visible
from firstmile.study.wording import counted
from firstmile.ui.needed import require
from firstmile.ui.progress import Progress
from firstmile.ui.text import wrapped
from firstmile.ui.workflow_commands import Quiet, StudyArgument, opened


def publish(
    folder: StudyArgument,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the data set; in the study unless given.")
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help="Publish titles, quotes and notes as well.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Put it in the place of a published set of the same or a later version, or of "
            "another name.",
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Check a published data set instead of writing one: the study's, or the folder "
            "given.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Publish the labels as a documented data set, without texts and names."""
    require("study")
    if check:
        _check(folder, out)
        return
    from firstmile.study.overview import gone_raters
    from firstmile.study.publishing import publish as write
    from firstmile.study.publishing.gathering import gather
    from firstmile.study.publishing.raters_named import raters_named
    from firstmile.study.publishing.statements import listing, unfinished, unstated
    from firstmile.study.wrong_folder import called

    study = opened(folder)
    target = out or study.published
    with Progress(quiet=quiet) as progress, study.decisions() as decisions:
        progress.step("Gathering")
        gone = gone_raters(study.design, decisions)
        dataset = gather(
            study, decisions, published=datetime.now(UTC).date(), text=True if text else None
        )
    remarks = []
    if gone:
        remarks.append(
            f"Decisions of {gone} are published under a pseudonym but settle no label, since the "
            "study.toml does not name them any more."
        )
    if dataset.text:
        named = raters_named(dataset, (rater.name for rater in study.design.raters))
        remarks += [
            f"{counted(number, 'note or reason names', 'notes or reasons name')} {name}: raters' "
            "names in prose are published as they stand, so publish without text unless that is "
            "meant."
            for name, number in named.items()
        ]
    if empty := unstated(dataset):
        remarks.append(
            f"The study.toml does not state {listing(empty)}: what is published says so."
        )
    if open_yet := unfinished(dataset):
        remarks.append(f"{open_yet} What is published says so.")
    if not quiet:
        for remark in remarks:
            typer.echo(visible(remark), err=True)
    with Progress(quiet=quiet) as progress:
        progress.step("Writing")
        written = write(dataset, target, replace=replace)
    if not quiet:
        source = folder if out is None else written
        pairs = counted(len(dataset.judgements), "judgement")
        judged = f", {pairs} on duplicates" if dataset.judgements else ""
        words = (
            f"Version {dataset.version}: {counted(len(dataset.rows), 'failure')}, "
            f"{counted(len(dataset.decisions), 'decision')}{judged}. "
            "Links still lead to their authors; PRIVACY.md says so. "
            f"firstmile study report {called(source)} analyzes them."
        )
        for line in wrapped(words):
            typer.echo(line)
    typer.echo(str(written))


def _check(folder: Path, out: Path | None) -> None:
    """Check the published set of a study, or in a folder that is one."""
    from firstmile.study.publishing import verify_published
    from firstmile.study.publishing.replacing import is_publication

    if out is not None:
        target = out
    else:
        target = folder if is_publication(folder) else opened(folder).published
    checked = verify_published(target)
    typer.echo(f"{visible(str(target))}: {counted(checked, 'file is', 'files are')} as published.")
