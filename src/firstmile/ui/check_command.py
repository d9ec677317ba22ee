"""`firstmile check`: machine, model folder and intended command in; what will fail out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from firstmile.errors import UserError
from firstmile.findings import FailOn
from firstmile.rendering.inert import visible
from firstmile.ui.checking import Format, leave_what_is_made, style_of, tell

COMMAND: Final = "command"
"""Under which the words after `--` stand in the context's `meta`."""


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
    leave_what_is_made()
    if listed:
        _list(only or ())
        return
    from firstmile.check import examining

    if out is not None and out.exists() and not out.is_file():
        raise UserError(f"{visible(str(out))} is no plain file: name another place.")
    style = style or style_of(out)
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
    tell(found, style, out, everything=everything)
    raise typer.Exit(found.exit_status)


def _list(only: Sequence[str]) -> None:
    from firstmile.check.naming import chosen
    from firstmile.check.stated import stated_checks
    from firstmile.ui.check_listing import listing

    known = {one.id: one for one in stated_checks()}
    ids = chosen({name: one.cause for name, one in known.items()}, only)
    for line in listing([known[name] for name in ids]):
        typer.echo(line)
