"""`firstmile study ...`: the study's commands."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.needed import require
from firstmile.ui.progress import Progress
from firstmile.ui.text import bold, wrapped

if TYPE_CHECKING:
    from firstmile.rendering.converting import Converter
    from firstmile.study.labelled_sets import LabelledSet
    from firstmile.study.report import Report
    from firstmile.study.settings import Settings

app = typer.Typer(
    help="Study labelled failures: analyze, judge the published claims, report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def study() -> None:
    """Hold the study's commands together; each asks for its packages itself, after --help."""


@app.command()
def report(
    source: Annotated[
        str,
        typer.Argument(
            help="Labelled failures: a folder, zip, https address, CSV, JSONL or Parquet file, or "
            "a study.toml that maps columns. Default: the published figures that come along."
        ),
    ] = "embedded",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the report: ./report, or in the study given, unless named."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 705,
    confusion: Annotated[
        list[str] | None,
        typer.Option(
            help="AXIS=FILE: a CSV of two raters' confusion counts for symptom or cause classes, "
            "for the label-noise analysis. May be given twice."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the path only.")] = False,
) -> None:
    """Recompute everything and write a report: page, figures, tables, JSON.

    What a source cannot answer (failures of one series only, a class without failures, no dates)
    is said in its place and in the summary, with the reason; all the rest is answered.
    """
    require("study")
    from firstmile.rendering.converting import Converter
    from firstmile.rendering.files import refuse_foreign
    from firstmile.study.codebook_naming import named_by
    from firstmile.study.folder import REPORT, is_study
    from firstmile.study.settings import Settings, read_confusions
    from firstmile.study.writing import write_report

    if out is None:
        out = Path(source) / REPORT if is_study(Path(source)) else Path(REPORT)
    refuse_foreign(out)
    settings = Settings(seed=seed)
    with Progress(quiet=quiet) as progress, Converter() as converter:
        opened = read(source, progress)
        if confusion:
            with named_by(opened.counts.taxonomy):
                settings = replace(settings, confusions=read_confusions(confusion))
        made = make(opened, settings, progress, converter)
        page = write_report(made, out, converter=converter, progress=progress.step)
    say_alarms(source, opened)
    if not quiet:
        print_summary(made, of_the_published_set=opened.facts.is_published_set)
    typer.echo(str(page))


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A source, as for report.")],
    second: Annotated[str, typer.Argument(help="Another source, or the same one later.")],
    out: Annotated[Path | None, typer.Option(help="Folder for a report.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of every random draw.")] = 705,
    output: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Compare two studies, or two dates of one, with tests for drift."""
    require("study")
    from firstmile.study import comparison
    from firstmile.study.codebook_naming import named_by
    from firstmile.study.settings import Settings
    from firstmile.study.writing import write_document

    if output not in ("text", "json"):
        raise UserError(f"--format is text or json, not {output!r}.")
    if _is_one_source(first, second):
        raise UserError(
            f"{visible(first)} is given twice, and a set does not differ from itself: name "
            "another one, or what it was before. A study keeps no earlier version of what it "
            "published: copy its folder published elsewhere before you publish anew, and compare "
            "with the copy."
        )
    settings = Settings(seed=seed)
    with Progress(quiet=output == "json") as progress:
        sides = [read(source, progress) for source in (first, second)]
        progress.step("Comparing")
        # What both codebooks have is named as in the first.
        with named_by(sides[0].counts.taxonomy):
            found = comparison.compare(
                sides[0].counts,
                sides[1].counts,
                names=comparison.distinct_names(sides[0].facts.name, sides[1].facts.name),
                settings=settings,
            )
            data = comparison.data(found, sides[0].facts, sides[1].facts)
            document = comparison.document(found)
        page = None
        if out is not None:
            page = write_document(document, data, out, progress=progress.step)
    for source, side in zip((first, second), sides, strict=True):
        say_alarms(source, side)
    if output == "json":
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for sentence in document.summary:
        for line in wrapped(sentence):
            typer.echo(line)
    if page is not None:
        typer.echo(str(page))


def _is_one_source(first: str, second: str) -> bool:
    """Whether two names lead to one source, such as a folder under two paths."""
    if first == second:
        return True
    paths = [Path(source) for source in (first, second)]
    return all(path.exists() for path in paths) and paths[0].samefile(paths[1])


@app.command()
def schema() -> None:
    """Print the JSON Schema of report.json."""
    require("study")
    from firstmile.study.report import schema as report_schema

    typer.echo(json.dumps(report_schema(), indent=2))


def read(source: str, progress: Progress) -> "LabelledSet":
    """Read a source given on the command line."""
    from firstmile.study.labelled_sets import open_labelled_set

    progress.step("Reading")
    return open_labelled_set(source)


def say_alarms(source: str, opened: "LabelledSet") -> None:
    """Say what is wrong with a source itself, beside the result."""
    for alarm in opened.alarms:
        typer.echo(f"firstmile: {visible(source)}: {visible(alarm)}.", err=True)


def make(
    opened: "LabelledSet", settings: "Settings", progress: Progress, converter: "Converter"
) -> "Report":
    """Make the report of a source; its figures are drawn while it is made."""
    from firstmile.rendering.figures import begin_figure
    from firstmile.study.report import make_report

    return make_report(
        opened.counts,
        opened.facts,
        opened.findings,
        settings,
        progress=progress.step,
        draw=lambda figure: begin_figure(figure, converter),
    )


def print_summary(made: "Report", *, of_the_published_set: bool = False) -> None:
    """Print what a reader wants to know before opening the page.

    Of a set of one's own the claims that it cannot judge are counted and not listed.
    """
    from firstmile.study.judging import Verdict

    typer.echo(bold(visible(made.document.subtitle)))
    for sentence in made.document.summary:
        for line in wrapped(sentence):
            typer.echo(line)
    typer.echo()
    listed = [
        judgement
        for judgement in made.judgements
        if of_the_published_set or judgement.verdict is not Verdict.CANNOT_BE_JUDGED
    ]
    width = max((len(judgement.verdict.value) for judgement in listed), default=0)
    for judgement in listed:
        first, *rest = wrapped(judgement.claim.sentence, indent=" " * (width + 2))
        typer.echo(f"{bold(judgement.verdict.value.ljust(width))}  {first.strip()}")
        for line in rest:
            typer.echo(line)
    typer.echo()
