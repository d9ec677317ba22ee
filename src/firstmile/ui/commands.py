"""The commands: their order, what the help says of each, and how each is loaded when asked for."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Final

import typer

import firstmile
from firstmile.ui.text import WIDEST


@cache
def _study() -> typer.Typer:
    """Return the commands of a study; made once, since they are added to a shared one."""
    from firstmile.ui import (
        publishing_commands,
        rating_commands,
        study_commands,
        study_order,
        workflow_commands,
    )

    for command in (
        workflow_commands.init,
        workflow_commands.plan,
        workflow_commands.collect,
        workflow_commands.status,
        workflow_commands.screen,
        rating_commands.pilot,
        rating_commands.codebook,
        rating_commands.duplicates,
        rating_commands.label,
        rating_commands.agree,
        rating_commands.export,
        publishing_commands.publish,
    ):
        study_commands.app.command()(command)
    study_commands.app.command("import")(rating_commands.import_labels)
    study_order.in_order_of_work(study_commands.app)
    return study_commands.app


def _add_study(app: typer.Typer) -> None:
    app.add_typer(_study(), name="study")


def _add_diagnose(app: typer.Typer) -> None:
    from firstmile.ui.diagnose_command import diagnose

    app.command()(diagnose)


def _add_explain(app: typer.Typer) -> None:
    from firstmile.ui.explain_command import explain

    app.command()(explain)


def _add_check(app: typer.Typer) -> None:
    from firstmile.ui import check_command

    app.command(cls=check_command.WithCommand)(check_command.check)


def _add_run(app: typer.Typer) -> None:
    from firstmile.ui import run_command

    app.command(context_settings=run_command.SETTINGS)(run_command.run)


def _add_facts(app: typer.Typer) -> None:
    from firstmile.ui.facts_command import facts

    app.command()(facts)


def _add_taxonomy(app: typer.Typer) -> None:
    from firstmile.ui.codebook_commands import taxonomy

    app.command("taxonomy")(taxonomy)


def _add_serve(app: typer.Typer) -> None:
    from firstmile.ui.serve_command import serve

    app.command()(serve)


COMMANDS: Final[Mapping[str, Callable[[typer.Typer], None]]] = {
    "diagnose": _add_diagnose,
    "explain": _add_explain,
    "check": _add_check,
    "run": _add_run,
    "facts": _add_facts,
    "taxonomy": _add_taxonomy,
    "study": _add_study,
    "serve": _add_serve,
}
"""Commands in the order of the help; each is imported when it, or the help, is asked for."""


LINES: Final[Mapping[str, str]] = {
    "diagnose": "Say why a run failed, by its log: proof, and what to do.",
    "explain": "Explain a known failure, a code, a check or a message.",
    "check": "Say what will fail before it runs: check -- vllm serve ...",
    "run": "Run a command; if it fails, say why and write a bug report.",
    "facts": "Tell what of this machine, and of a model, matters.",
    "taxonomy": "List the codebook: every code with its published label.",
    "serve": "Serve the pages to screen, verify and label issues on.",
    "study": "Study failures, from the first issue to the report.",
}
"""What the help says of each command: in one line of a terminal of 80 columns."""


@cache
def command_line(wanted: str | None = None) -> typer.Typer:
    """Return the command line with the command that is wanted, or with all where it is none."""
    app = typer.Typer(
        name="firstmile",
        help="Why open-weight language models fail in the first mile, and what to do about it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    )
    app.callback()(root)
    for name, add in COMMANDS.items():
        if wanted in (name, None):
            add(app)
    for command in app.registered_commands:
        command.short_help = LINES[str(command.name or getattr(command.callback, "__name__", ""))]
    for group in app.registered_groups:
        group.short_help = LINES[str(group.name)]
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from firstmile.taxonomy import load_taxonomy

        typer.echo(f"firstmile {firstmile.__version__}, codebook {load_taxonomy().version}")
        raise typer.Exit


def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the versions."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
