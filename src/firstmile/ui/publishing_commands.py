"""`firstmile study publish`: the data set with its documentation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

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
    check: Annotated[
        bool, typer.Option("--check", help="Check a published data set instead of writing one.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Publish the labels as a documented data set, without texts and names."""
    require("study")
    from firstmile.study.overview import gone_raters
    from firstmile.study.publishing import publish as write
    from firstmile.study.publishing import verify_published
    from firstmile.study.publishing.gathering import gather
    from firstmile.study.publishing.statements import listing, unstated

    study = opened(folder)
    target = out or study.published
    if check:
        checked = verify_published(target)
        typer.echo(f"{target}: {counted(checked, 'file is', 'files are')} as published.")
        return
    with Progress(quiet=quiet) as progress, study.decisions() as decisions:
        progress.step("Gathering")
        gone = gone_raters(study.design, decisions)
        dataset = gather(
            study, decisions, published=datetime.now(UTC).date(), text=True if text else None
        )
    if gone and not quiet:
        typer.echo(
            f"Decisions of {gone} are published under a pseudonym but settle no label, since the "
            "study.toml does not name them any more.",
            err=True,
        )
    empty = unstated(dataset)
    if empty and not quiet:
        typer.echo(
            f"The study.toml does not state {listing(empty)}: what is published says so.",
            err=True,
        )
    with Progress(quiet=quiet) as progress:
        progress.step("Writing")
        written = write(dataset, target)
    if not quiet:
        words = (
            f"{counted(len(dataset.rows), 'failure')} and "
            f"{counted(len(dataset.decisions), 'decision')}. "
            "Links still lead to their authors; PRIVACY.md says so. "
            f"firstmile study report {folder} analyzes them."
        )
        for line in wrapped(words):
            typer.echo(line)
    typer.echo(str(written))
