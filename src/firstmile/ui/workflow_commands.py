"""`firstmile study init`, `plan`, `collect`, `status`, `screen`: a study from nothing."""

import contextlib
import json
import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.wording import counted
from firstmile.ui.asking import confirm
from firstmile.ui.needed import require
from firstmile.ui.progress import Progress
from firstmile.ui.text import bold, dim, wrapped

if TYPE_CHECKING:
    from firstmile.study.folder import StudyFolder
    from firstmile.study.funnel import Funnel
    from firstmile.study.overview import Overview

TOKENS: Final = ("FIRSTMILE_GITHUB_TOKENS", "GITHUB_TOKEN", "GH_TOKEN")
"""Environment variables with tokens for GitHub; the first may hold several, by commas."""

REASONS_SHOWN: Final = 8
"""Reasons of a step that the terminal names; the rest is counted."""

StudyArgument = Annotated[Path, typer.Argument(help="The study's folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, errors only.")]


class Format(StrEnum):
    """How a command prints."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="text or json.")]


def init(
    folder: Annotated[Path, typer.Argument(help="A new folder for the study.")],
    study: Annotated[
        str, typer.Option(help="A study that comes along: blank, published, engines, closed-sdks.")
    ] = "blank",
) -> None:
    """Start a study: write a folder with a commented study.toml."""
    require("study")
    from firstmile.study.command_words import as_argument
    from firstmile.study.design import FILE, ready_design
    from firstmile.study.folder import make_study

    made = make_study(folder, ready_design(study))
    typer.echo(str(made.path / FILE))
    name = as_argument(folder)
    for line in wrapped(
        f"Look it over, then see what it will cost: firstmile study plan {name}; and begin: "
        f"firstmile study collect {name}"
    ):
        typer.echo(line, err=True)


def plan(
    folder: StudyArgument,
    issues: Annotated[
        int | None,
        typer.Option(help="Issues of each repository, where their number is not known.", min=0),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say what the study will cost: requests, time, bytes, hours of reading.

    The seconds that a rater takes over one issue are assumed; [seconds_an_issue] in the study.toml
    changes them.
    """
    require("collect")
    from firstmile.study.costs import plan_study
    from firstmile.study.planning import plan_data, plan_sentences

    made = plan_study(opened(folder), credentials=credentials(), assumed=issues)
    if output is Format.JSON:
        typer.echo(json.dumps(plan_data(made), indent=2))
        return
    for sentence in plan_sentences(made):
        for line in wrapped(sentence):
            typer.echo(line)


def collect(
    folder: StudyArgument,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Go over everything again: before publishing, so that texts of issues deleted "
            "meanwhile are left out, or when something seems to be missing. Without it only what "
            "is new or changed is asked for.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Collect the issues; goes on where it was stopped."""
    require("collect")
    from firstmile.study.collecting import collect as run
    from firstmile.study.folder import StudyInUseError

    study = opened(folder)
    try:
        with Progress(quiet=quiet) as progress:
            found = run(study, credentials=credentials(), full=full, say=progress.step)
    except StudyInUseError:
        raise
    except UserError:
        # What came before is stored; where even that fails, the first error says more.
        with contextlib.suppress(UserError):
            _store(study, quiet=quiet)
        raise
    except KeyboardInterrupt:
        _store(study, quiet=quiet)
        kept = counted(len(study.store), "issue so far is", "issues so far are")
        typer.echo(
            f"firstmile: {kept} kept; the same command goes on.",
            err=True,
        )
        raise
    _store(study, quiet=quiet)
    for warning in found.warnings:
        typer.echo(f"firstmile: {visible(warning)}", err=True)
    for line in wrapped(found.summary):
        typer.echo(line)
    if found.deleted:
        typer.echo(f"{counted(found.deleted, 'issue is', 'issues are')} no longer there.")
    typer.echo(f"The study holds {counted(len(study.store), 'issue')}.")
    if found.failures:
        raise UserError(found.failed)


def _store(study: "StudyFolder", *, quiet: bool) -> None:
    with Progress(quiet=quiet) as progress, study.lock():
        progress.step("Storing")
        study.store.refresh(study.archive, say=progress.step)


def status(folder: StudyArgument, output: FormatOption = Format.TEXT) -> None:
    """Show the funnel and what to do next.

    The funnel's steps: opened in the date range; title or description holds a word of the stated
    list (keyword screen); the one that is read of several near-identical ones; a failure by title
    and description (reviewer screen); a failure by the whole thread (in-depth verification);
    labelled.
    """
    require("study")
    from firstmile.study.overview import make_overview

    study = opened(folder)
    with study.decisions() as decisions:
        overview = make_overview(study, decisions)
    if output is Format.JSON:
        typer.echo(json.dumps(_overview_data(overview), ensure_ascii=False, indent=2))
        return
    typer.echo(bold(visible(study.design.study.name)))
    _print_funnel(overview.funnel)
    _print_next(overview)


def screen(
    folder: StudyArgument,
    freeze: Annotated[
        bool,
        typer.Option(
            "--freeze",
            help="End the reading for good: give up what nobody has read, and draw the random "
            "sample of all that was discarded. Asks before.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Freeze without being asked, as in a script.")
    ] = False,
    order_only: Annotated[
        bool,
        typer.Option("--order-only", help="Only order anew what is to be read; the pages do so."),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Screen by keyword, find duplicates, rank what is to be read, and bound what was missed."""
    require("screen")
    if freeze and order_only:
        raise UserError("--freeze and --order-only don't go together: give one of them.")
    from firstmile.study.command_words import as_argument
    from firstmile.study.machine_screen import screen_by_machine
    from firstmile.study.overview import make_overview
    from firstmile.study.screening_run import (
        freeze_ranking,
        plan_freeze,
        rank_unread,
        recall_sentences,
    )

    study = opened(folder)
    with study.lock():
        study.store.refresh(study.archive)
    if not len(study.store):
        raise UserError(
            f"The study in {visible(str(folder))} holds no issues yet: firstmile study collect "
            f"{as_argument(folder)}"
        )
    if not order_only:
        with study.lock(), study.decisions() as decisions, Progress(quiet=quiet) as progress:
            progress.step("Keywords")
            screen_by_machine(study, decisions=decisions, say=progress.step)
    agreed = None
    if freeze:
        with study.decisions() as decisions:
            planned = plan_freeze(study, decisions)
        if planned.stands:
            for line in wrapped(planned.sentence()):
                typer.echo(line, err=True)
        else:
            confirm(planned.sentence(), yes=yes)
        agreed = None if yes else planned
    with study.lock(), study.decisions() as decisions, Progress(quiet=quiet) as progress:
        if freeze:
            progress.step("Drawing the sample")
            freeze_ranking(study, decisions, at=datetime.now(UTC), agreed=agreed)
        overview = make_overview(study, decisions)
        progress.step("Ranking")
        rank_unread(study, decisions, overview.funnel)
        sentences = recall_sentences(study, decisions, overview.funnel)
    if order_only:
        return
    _print_funnel(overview.funnel)
    if sentences:
        typer.echo()
    for sentence in sentences:
        for line in wrapped(sentence):
            typer.echo(line)
    _print_next(overview)


def credentials() -> list[str]:
    """Return the tokens for GitHub that the environment holds."""
    for name in TOKENS:
        if found := [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]:
            return found
    return []


def _print_funnel(funnel: "Funnel") -> None:
    """Print a funnel with what its columns count; `study status --help` says what steps ask."""
    from firstmile.study.funnel_words import COLUMNS

    for line in funnel_lines(funnel):
        typer.echo(line)
    for line in wrapped(COLUMNS):
        typer.echo(dim(line))


def _print_next(overview: "Overview") -> None:
    """Print what to do next, a line each."""
    typer.echo("\n" + bold("Next"))
    for step in overview.next:
        first, *rest = wrapped(step, indent="    ")
        typer.echo(f"  - {first.strip()}")
        for line in rest:
            typer.echo(line)


def funnel_lines(funnel: "Funnel") -> list[str]:
    """Lay a funnel out for the terminal."""
    from firstmile.study.funnel_words import reason_in_words

    width = max(len(step.name) for step in funnel.steps)
    lines = [
        dim(f"{''.ljust(width)}  {'went on':>9}  {'left':>9}  {'wait':>9}"),
        f"{'Collected'.ljust(width)}  {funnel.steps[0].entered:>9,}",
    ]
    for step in funnel.steps:
        if not (funnel.screened or step.passed or step.left):
            lines.append(f"{step.name.ljust(width)}  not yet screened")
            continue
        numbers = "  ".join(f"{count:>9,}" for count in (step.passed, step.left, step.waiting))
        lines.append(f"{step.name.ljust(width)}  {numbers}")
        reasons = list(step.reasons.items())
        for reason, count in reasons[:REASONS_SHOWN]:
            lines.append(
                dim(f"{' ' * width}             {count:>9,} {visible(reason_in_words(reason))}")
            )
        if rest := reasons[REASONS_SHOWN:]:
            issues = counted(sum(count for _reason, count in rest), "issue")
            more = f"and {counted(len(rest), 'more reason')} ({issues})"
            lines.append(dim(f"{' ' * width}             {'':>9} {more}"))
    return lines


def _overview_data(overview: "Overview") -> dict[str, object]:
    from firstmile.study.funnel import funnel_data

    return {
        "schema_version": "1",
        "funnel": funnel_data(overview.funnel),
        "repositories": dict(overview.repositories),
        "screened": overview.screened,
        "frozen": overview.frozen,
        "pilot": {
            "round": overview.pilot.round,
            "step": overview.pilot.step.value,
            "lacking": dict(overview.pilot.lacking),
        },
        "next": list(overview.next),
    }


def opened(folder: Path) -> "StudyFolder":
    """Open the study in a folder given on the command line.

    A store that was deleted, or that an older version wrote, is made again from the archive.
    """
    from firstmile.study.folder import StudyFolder, StudyInUseError
    from firstmile.study.wrong_folder import refuse_no_study

    refuse_no_study(folder)
    study = StudyFolder.open(folder)
    if not len(study.store) and (study.path / "archive").is_dir():
        with contextlib.suppress(StudyInUseError), study.lock():
            study.store.refresh(study.archive)
    return study
