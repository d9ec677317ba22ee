"""`firstmile check`: machine, model folder and intended command in; what will fail out."""

import gc
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from firstmile.errors import UserError
from firstmile.findings import FailOn
from firstmile.rendering.inert import visible
from firstmile.ui.text import WIDEST, bold, dim, terminal_width

if TYPE_CHECKING:
    from firstmile.check.checkup import Checkup

COMMAND: Final = "command"
"""Under which the words after `--` stand in the context's `meta`."""
MANY_OBJECTS: Final = 100_000
"""So many more than before are made until Python looks for cycles."""


class WithCommand(TyperCommand):
    """A command line of which all that stands after `--` is another command, whatever it says."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the words after `--` apart, and read those before it."""
        place = args.index("--") if "--" in args else len(args)
        if place == len(args):
            _refuse_command(args)
        ctx.meta[COMMAND] = tuple(args[place + 1 :])
        return super().parse_args(ctx, args[:place])


def _refuse_command(words: list[str]) -> None:
    """Raise UserError where words begin, or go on behind a model, as a command that is read."""
    if len(words) < 2 or words[0].startswith("-"):
        return
    from firstmile.check.command import Command, find_readers

    for start in (0, 1):
        rest = tuple(words[start:])
        if Path(rest[0]).exists() or not any(
            one.reads(Command(words=rest)) for one in find_readers()
        ):
            continue
        before = " ".join(visible(word) for word in words[:start])
        said = " ".join(visible(word) for word in rest[:3])
        more = " ..." if len(rest) > 3 else ""
        raise UserError(
            "Put -- before the command that you are about to run: "
            f"firstmile check {f'{before} ' if before else ''}-- {said}{more}"
        )


class Format(StrEnum):
    """The formats of an examination."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"


_ENDINGS: Final = {
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".html": Format.HTML,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
}
"""The formats that --out takes by a file's ending, where no --format is given."""


def _schema(wanted: bool) -> None:
    if wanted:
        from importlib import resources

        file = resources.files("firstmile.check") / "checkup.schema.json"
        typer.echo(file.read_text(encoding="utf-8"), nl=False)
        raise typer.Exit


def check(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL] [-- COMMAND]",
            help="The model's folder or file, or a repository in the Hub cache (on the Hub with "
            "--online); and the command that is to be run, as it would be typed.",
        ),
    ] = None,
    style: Annotated[
        Format | None,
        typer.Option("--format", help="How to tell it; by the ending of --out where not said."),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Show also what is fine, skipped or accepted, and what was not seen."
        ),
    ] = False,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="From which outcome on the exit status is 1.")
    ] = FailOn.FAIL,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="ID|CAUSE",
            help="Run only this check, or those of this cause; may be given several times.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this file instead of printing it.")
    ] = None,
    snapshots: Annotated[
        list[Path] | None,
        typer.Option(
            "--snapshot",
            help="Judge what firstmile facts MODEL --out wrote on another machine; further ones "
            "are machines that take part in the same run.",
        ),
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(help="Read the packages of this Python (or environment), not of our own."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Findings that are accepted; else firstmile.toml where you are, unless that is "
            "the model's own folder."
        ),
    ] = None,
    online: Annotated[
        bool,
        typer.Option(
            "--online",
            help="Read a repository that is not here on the Hub: files, configs and headers.",
        ),
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List the checks, with --only those that it names.")
    ] = False,
    schema: Annotated[
        bool,
        typer.Option(
            "--schema", callback=_schema, is_eager=True, help="Print the JSON Schema of the JSON."
        ),
    ] = False,
) -> None:
    """Say what will fail before it runs: firstmile check -- vllm serve ./model ...

    Without a model and a command this machine alone is judged. Nothing is sent anywhere unless
    --online asks the Hub, and nothing of the model is run. Exit status: 0 nothing will fail, 1
    something will, 2 it could not be judged.
    """
    _leave_what_is_made()
    if listed:
        _list(only or ())
        return
    from firstmile.check import examining

    if out is not None and out.exists() and not out.is_file():
        raise UserError(f"{visible(str(out))} is no plain file: name another place.")
    style = style or _style_of(out)
    found = examining.check(
        model,
        context.meta[COMMAND] or None,
        snapshots=snapshots or (),
        python=python,
        only=only or (),
        fail_on=fail_on.value,
        config=config,
        working_folder=Path(),
        online=online,
    )
    _tell(found, style, out, everything)
    raise typer.Exit(found.exit_status)


def _leave_what_is_made() -> None:
    """Let Python look for cycles of objects seldom, and not as it ends: all goes with the process.

    What is read and loaded has few, and looking through it takes a tenth of a check.
    """
    gc.set_threshold(MANY_OBJECTS)


def _style_of(out: Path | None) -> Format:
    if out is None or out.suffix.lower() in ("", ".txt", ".log"):
        return Format.TEXT
    style = _ENDINGS.get(out.suffix.lower())
    if style is None:
        known = ", ".join(_ENDINGS)
        raise UserError(
            f"The ending of {visible(str(out))} is of no format: say --format, or take one of "
            f".txt, {known}."
        )
    return style


def _list(only: Sequence[str]) -> None:
    from firstmile.check.naming import chosen
    from firstmile.check.stated import stated_checks
    from firstmile.ui.check_listing import listing

    known = {one.id: one for one in stated_checks()}
    ids = chosen({name: one.cause for name, one in known.items()}, only)
    for line in listing([known[name] for name in ids]):
        typer.echo(line)


def _tell(found: "Checkup", style: Format, out: Path | None, everything: bool) -> None:
    from firstmile.check.checkup import plain

    data = plain(found)
    text = told(data, style, everything=everything, on_terminal=out is None)
    if out is None:
        typer.echo(text, nl=False)
        return
    from firstmile.rendering.examination import summary
    from firstmile.rendering.files import write_whole

    write_whole(out, text)
    typer.echo(f"Written to {visible(str(out))}. {summary(data)}")


def told(data: dict[str, Any], style: Format, *, everything: bool, on_terminal: bool) -> str:
    """Return an examination in one of the formats."""
    if style is Format.JSON:
        from firstmile.rendering.examination_json import as_json

        return as_json(data)
    if style is Format.MARKDOWN:
        from firstmile.rendering.examination_markdown import as_markdown

        return as_markdown(data, all_of_it=everything)
    if style is Format.HTML:
        from firstmile.rendering.examination_page import as_page

        return as_page(data, all_of_it=everything)
    if style is Format.SARIF:
        from firstmile.rendering.sarif import as_sarif

        return as_sarif(data, all_of_it=everything)
    if style is Format.JUNIT:
        from firstmile.rendering.junit import as_junit

        return as_junit(data)
    from firstmile.rendering.examination import as_text

    if not on_terminal:
        return as_text(data, width=WIDEST, all_of_it=everything)
    width = min(WIDEST, terminal_width())
    return as_text(data, width=width, all_of_it=everything, bold=bold, dim=dim)
